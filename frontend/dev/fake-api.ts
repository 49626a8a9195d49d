/** Vite middleware that answers like the server, for looking at pages; serves dev and preview, never the product. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Connect, Plugin } from "vite";
import { flows, runs, startRun, toFlow, type FakeRun } from "./fake-data.ts";

const CSP = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; worker-src 'self' blob:; img-src 'self' data:; font-src 'self' data:";
let isSignedIn = false;

type Handler = (match: RegExpExecArray, url: URL, body: string, response: ServerResponse) => unknown;

class Refusal extends Error {
  constructor(readonly status: number, message: string, readonly errors: unknown[] = []) {
    super(message);
  }
}

const me = { id: "1", username: "admin", firstName: "Ada", lastName: "Admin", superAdmin: true, tenants: [{ id: "main", name: "Main" }, { id: "acme", name: "Acme" }] };
const pageOf = (rows: unknown[], url: URL): unknown => {
  const [page, size] = [Number(url.searchParams.get("page") ?? 1), Number(url.searchParams.get("size") ?? 25)];
  return { results: rows.slice((page - 1) * size, page * size), total: rows.length };
};

function findFlow(namespace: string, id: string) {
  const flow = flows.find((one) => one.id === id && one.namespace === namespace);
  if (!flow) throw new Refusal(404, `Flow ${namespace}.${id} does not exist.`);
  return flow;
}

function findRun(id: string): FakeRun {
  const run = runs.find((one) => one.id === id);
  if (!run) throw new Refusal(404, `Execution ${id} does not exist.`);
  return run;
}

function checkSource(source: string) {
  const line = source.split("\n").findIndex((text) => /type: .*\.Nope/.test(text)) + 1;
  return line ? [{ message: "Unknown task type io.kestra.plugin.core.log.Nope. Did you mean io.kestra.plugin.core.log.Log?", line, column: 11, endColumn: 60, severity: "error" }] : [];
}

function saveFlow(source: string) {
  const markers = checkSource(source);
  if (markers.length) throw new Refusal(422, `Invalid entity: ${markers[0]!.message}`, markers);
  const parsed = toFlow(source);
  const at = flows.findIndex((one) => one.id === parsed.id && one.namespace === parsed.namespace);
  if (at >= 0) return (flows[at] = toFlow(source, flows[at]!.revision + 1));
  flows.push(parsed);
  return parsed;
}

function follow(response: ServerResponse, snapshot: () => { data: unknown[]; isDone: boolean }): void {
  response.writeHead(200, { "Content-Type": "text/event-stream" });
  const send = (): void => {
    const { data, isDone } = snapshot();
    for (const one of data) response.write(`id: ${isDone ? "end" : "progress"}\ndata: ${JSON.stringify(one)}\n\n`);
    if (isDone) {
      clearInterval(timer);
      response.end();
    }
  };
  const timer = setInterval(send, 250);
  response.on("close", () => clearInterval(timer));
}

function formFields(body: string): Record<string, unknown> {
  return Object.fromEntries([...body.matchAll(/name="([^"]+)"\r\n\r\n([^\r]*)/g)].map((match) => [match[1], match[2]]));
}

const typeBranch = (type: string, properties: Record<string, unknown>) => ({
  if: { properties: { type: { const: type } } },
  then: { properties: { id: { type: "string" }, type: { const: type }, ...properties } },
});
const schema = {
  type: "object", required: ["id", "namespace", "tasks"], additionalProperties: false,
  properties: {
    id: { type: "string", description: "Unique name of the flow in its namespace." }, namespace: { type: "string" }, description: { type: "string" },
    labels: {}, inputs: { type: "array" }, triggers: { type: "array" }, variables: { type: "object" }, disabled: { type: "boolean" },
    tasks: { type: "array", items: { $ref: "#/definitions/task" } },
  },
  definitions: {
    task: {
      type: "object", required: ["id", "type"],
      properties: { id: { type: "string" }, type: { enum: ["io.kestra.plugin.core.log.Log", "io.kestra.plugin.core.debug.Return", "io.kestra.plugin.core.flow.Parallel"] } },
      allOf: [typeBranch("io.kestra.plugin.core.log.Log", { message: { type: "string", description: "What to log." }, level: { enum: ["INFO", "WARN"] } })],
    },
  },
};

const T = "/api/v1/[^/]+";
const routes: [string, RegExp, Handler][] = [
  ["POST", /^\/api\/v1\/login$/, (_m, _u, body, response) => {
    if (/wrong|not/.test(JSON.parse(body).password)) throw new Refusal(401, "Invalid credentials");
    response.setHeader("Set-Cookie", "fake_session=1; Path=/");
    return {};
  }],
  ["POST", /^\/api\/v1\/logout$/, (_m, _u, _b, response) => void response.setHeader("Set-Cookie", "fake_session=; Path=/")],
  ["GET", /^\/api\/v1\/me$/, () => {
    if (!isSignedIn) throw new Refusal(401, "Sign in first");
    return me;
  }],
  ["GET", /^\/api\/v1\/setup$/, () => ({ initialised: true })],
  ["GET", new RegExp(`^${T}/plugins/schemas/flow$`), () => schema],
  ["POST", new RegExp(`^${T}/flows/validate$`), (_m, _u, body) => {
    const markers = checkSource(body);
    return [{ index: 0, constraints: markers[0]?.message ?? null, markers, warnings: [], deprecationPaths: [] }];
  }],
  ["GET", new RegExp(`^${T}/flows/search$`), (_m, url) => {
    const [q, namespace] = [url.searchParams.get("q") ?? "", url.searchParams.get("namespace") ?? ""];
    return pageOf(flows.filter((flow) => flow.id.includes(q) && flow.namespace.startsWith(namespace)), url);
  }],
  ["POST", new RegExp(`^${T}/flows$`), (_m, _u, body) => saveFlow(body)],
  ["GET", new RegExp(`^${T}/flows/([^/]+)/([^/]+)/revisions$`), (m) => {
    const flow = findFlow(m[1]!, m[2]!);
    return Array.from({ length: flow.revision }, (_, index) => ({ ...flow, revision: index + 1, source: flow.source?.replace("100", String(90 + index)) }));
  }],
  ["GET", new RegExp(`^${T}/flows/([^/]+)/([^/]+)$`), (m) => findFlow(m[1]!, m[2]!)],
  ["PUT", new RegExp(`^${T}/flows/([^/]+)/([^/]+)$`), (_m, _u, body) => saveFlow(body)],
  ["DELETE", new RegExp(`^${T}/flows/([^/]+)/([^/]+)$`), (m) => void flows.splice(flows.indexOf(findFlow(m[1]!, m[2]!)), 1)],
  ["GET", new RegExp(`^${T}/executions/search$`), (_m, url) => {
    const [flowId, q, states] = [url.searchParams.get("flowId"), url.searchParams.get("q") ?? "", url.searchParams.getAll("state")];
    const all = runs.map((run) => run.snapshot());
    return pageOf(all.filter((one) => (!flowId || one.flowId === flowId) && (!states.length || states.includes(one.state.current)) && (one.id + one.flowId).includes(q)), url);
  }],
  ["GET", new RegExp(`^${T}/executions/([^/]+)/follow$`), (m, _u, _b, response) => {
    const run = findRun(m[1]!);
    follow(response, () => ({ data: [run.snapshot()], isDone: Boolean(run.snapshot().state.endDate) }));
    return response;
  }],
  ["DELETE", new RegExp(`^${T}/executions/([^/]+)/kill$`), (m) => void (findRun(m[1]!).killedAt = Date.now())],
  ["POST", new RegExp(`^${T}/executions/([^/]+)/(?:replay|restart)$`), (m) => startRun(findRun(m[1]!).flow, findRun(m[1]!).inputs).snapshot()],
  ["GET", new RegExp(`^${T}/executions/([^/]+)/file/preview$`), () => ({ content: "day,orders\n2026-11-20,5\n", extension: "csv", type: "TEXT", truncated: false })],
  ["GET", new RegExp(`^${T}/executions/([^/]+)$`), (m) => findRun(m[1]!).snapshot()],
  ["POST", new RegExp(`^${T}/executions/([^/]+)/([^/]+)$`), (m, _u, body) => startRun(findFlow(m[1]!, m[2]!), formFields(body)).snapshot()],
  ["GET", new RegExp(`^${T}/logs/search$`), (_m, url) => pageOf(runs.slice(0, 8).flatMap((run) => run.logLines().reverse()), url)],
  ["GET", new RegExp(`^${T}/logs/([^/]+)/follow$`), (m, _u, _b, response) => {
    const run = findRun(m[1]!);
    let sent = 0;
    follow(response, () => {
      const all = run.logLines();
      const data = all.slice(sent);
      sent = all.length;
      return { data, isDone: Boolean(run.snapshot().state.endDate) };
    });
    return response;
  }],
  ["GET", new RegExp(`^${T}/logs/([^/]+)$`), (m, url) => {
    const onlyErrors = url.searchParams.get("minLevel") === "ERROR";
    return findRun(m[1]!).logLines().filter((line) => !onlyErrors || line.level === "ERROR");
  }],
];

async function readAll(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

const answer: Connect.NextHandleFunction = async (request, response, next) => {
  response.setHeader("Content-Security-Policy", process.env.PENSTOCK_DEV_CSP ? CSP : "default-src * 'unsafe-inline' 'unsafe-eval' data: blob:");
  isSignedIn = /fake_session=1/.test(request.headers.cookie ?? "");
  const url = new URL(request.originalUrl ?? "/", "http://dev");
  if (!url.pathname.startsWith("/api/")) return next();
  response.setHeader("Content-Type", "application/json");
  try {
    const found = routes.map(([method, pattern, handler]) => ({ match: method === request.method ? pattern.exec(url.pathname) : null, handler })).find((one) => one.match);
    if (!found?.match) throw new Refusal(404, `No route ${request.method} ${url.pathname}`);
    const result = found.handler(found.match, url, await readAll(request), response);
    if (result !== response) response.end(result === undefined ? "" : JSON.stringify(result));
  } catch (error) {
    const refusal = error instanceof Refusal ? error : new Refusal(500, String(error));
    response.writeHead(refusal.status, { "X-Request-Id": "dev-0001" });
    response.end(JSON.stringify({ message: refusal.message, _embedded: { errors: refusal.errors } }));
  }
};

export function fakeApi(): Plugin {
  return {
    name: "penstock-fake-api",
    configureServer: (server) => void server.middlewares.use(answer),
    configurePreviewServer: (server) => void server.middlewares.use(answer),
  };
}
