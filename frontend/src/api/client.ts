/** The one way to the server: same-origin fetch with the session cookie, and one error type for people. */

export interface ErrorDetail {
  message: string;
  path?: string | null;
  line?: number;
  column?: number;
}

export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly details: ErrorDetail[] = [],
    readonly requestId: string | null = null,
  ) {
    super(message);
    this.name = "ApiError";
  }
}

export type Query = Record<string, string | number | boolean | string[] | null | undefined>;

export interface RequestOptions {
  method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  query?: Query;
  json?: unknown;
  yaml?: string;
  form?: FormData;
  signal?: AbortSignal;
}

const API_ROOT = "/api/v1";
/** Marks calls of our own pages: the server then answers 401 without making the browser ask for a password itself. */
export const BROWSER_HEADERS = { "X-Requested-With": "penstock" };
let onSignedOut: () => void = () => undefined;

/** The session store registers here; a 401 on any call then leads to the login page. */
export function whenSignedOut(callback: () => void): void {
  onSignedOut = callback;
}

export function signedOut(): void {
  onSignedOut();
}

export function queryText(query: Query = {}): string {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value === null || value === undefined || value === "") continue;
    for (const item of Array.isArray(value) ? value : [value]) params.append(key, String(item));
  }
  const text = params.toString();
  return text ? `?${text}` : "";
}

export function tenantUrl(tenant: string, path: string, query?: Query): string {
  return `${API_ROOT}/${encodeURIComponent(tenant)}${path}${queryText(query)}`;
}

export async function requestTenant<T>(tenant: string, path: string, options: RequestOptions = {}): Promise<T> {
  return send<T>(tenantUrl(tenant, path, options.query), options, true);
}

/** Calls that belong to no tenant: login, set-up, who am I. A 401 there is an answer, not a lost session. */
export async function requestInstance<T>(path: string, options: RequestOptions = {}): Promise<T> {
  return send<T>(`${API_ROOT}${path}${queryText(options.query)}`, options, false);
}

async function send<T>(url: string, options: RequestOptions, redirectWhenSignedOut: boolean): Promise<T> {
  const response = await fetchOrExplain(url, options);
  if (response.status === 401 && redirectWhenSignedOut) onSignedOut();
  if (!response.ok) throw await toApiError(response);
  return readBody<T>(response);
}

async function fetchOrExplain(url: string, options: RequestOptions): Promise<Response> {
  try {
    return await fetch(url, {
      method: options.method ?? "GET",
      headers: headersOf(options),
      body: bodyOf(options),
      credentials: "same-origin",
      signal: options.signal,
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ApiError(0, "The server does not answer. Check that it runs and that you are connected, then try again.");
  }
}

function headersOf(options: RequestOptions): Record<string, string> {
  const headers: Record<string, string> = { ...BROWSER_HEADERS, Accept: "application/json" };
  if (options.json !== undefined) headers["Content-Type"] = "application/json";
  if (options.yaml !== undefined) headers["Content-Type"] = "application/x-yaml";
  const token = csrfToken();
  if ((options.method ?? "GET") !== "GET" && token) headers["X-CSRFToken"] = token;
  return headers;
}

function bodyOf(options: RequestOptions): BodyInit | undefined {
  if (options.json !== undefined) return JSON.stringify(options.json);
  return options.yaml ?? options.form;
}

function csrfToken(): string | null {
  const match = /(?:^|;\s*)csrftoken=([^;]+)/.exec(document.cookie);
  return match?.[1] ? decodeURIComponent(match[1]) : null;
}

async function readBody<T>(response: Response): Promise<T> {
  const text = await response.text();
  return (text ? JSON.parse(text) : undefined) as T;
}

export async function toApiError(response: Response): Promise<ApiError> {
  const requestId = response.headers.get("X-Request-Id");
  const fallback = `The server answered ${response.status} ${response.statusText}`.trim();
  try {
    const body = JSON.parse(await response.text()) as { message?: string; _embedded?: { errors?: ErrorDetail[] } };
    return new ApiError(response.status, body.message || fallback, body._embedded?.errors ?? [], requestId);
  } catch {
    return new ApiError(response.status, fallback, [], requestId);
  }
}
