/** What the run dialog knows about inputs: first value, live check, and how a value travels to the server. */
import { parse as parseYaml } from "yaml";
import type { FlowInput, InputType } from "@/api/types";

export type InputValue = string | string[] | File | null;

export interface InputProblem {
  key: string;
  params?: Record<string, unknown>;
}

const DURATION = /^-?P(?!$)(\d+Y)?(\d+M)?(\d+W)?(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?$/i;
const LISTS: InputType[] = ["MULTISELECT", "ARRAY"];
const NUMBERS: InputType[] = ["INT", "FLOAT"];
const CHOICES: InputType[] = ["SELECT", "ENUM"];

export interface Option {
  label: string;
  value: string;
}

/** Options are plain values or, in newer flows, label and value. */
export function optionsOf(input: FlowInput): Option[] {
  return (input.values ?? []).map((item) => {
    if (item && typeof item === "object" && "value" in item) {
      const pair = item as { label?: unknown; value: unknown };
      return { label: String(pair.label ?? pair.value), value: String(pair.value) };
    }
    return { label: String(item), value: String(item) };
  });
}

export function acceptsAnyValue(input: FlowInput): boolean {
  return Boolean(input.allowCustomValue) || !input.values?.length;
}

/** An expression or a file address can only be resolved by the server: it is shown as a hint, not filled in. */
export function isServerSide(value: unknown): boolean {
  return typeof value === "string" && (value.includes("{{") || /^(nsfile|file|kestra):\/\//.test(value));
}

export function hasDefault(input: FlowInput): boolean {
  return input.defaults !== undefined && input.defaults !== null;
}

/** Required of the person: a default or a condition that only the server can judge takes the duty away. */
export function isRequired(input: FlowInput): boolean {
  return input.required !== false && !hasDefault(input) && !input.dependsOn;
}

export function initialValue(input: FlowInput, earlier?: unknown): InputValue {
  if (input.type === "FILE") return null;
  const known = earlier ?? input.prefill ?? input.defaults;
  if (known === undefined || known === null || isServerSide(known)) return LISTS.includes(input.type) ? [] : "";
  return asFieldValue(input, known);
}

function asFieldValue(input: FlowInput, known: unknown): InputValue {
  if (LISTS.includes(input.type)) return asList(known);
  if (typeof known === "object") return JSON.stringify(known, null, 2);
  if (input.type === "DATETIME") return toLocalDateTime(String(known));
  return String(known);
}

function asList(known: unknown): string[] {
  if (Array.isArray(known)) return known.map((item) => (typeof item === "object" ? JSON.stringify(item) : String(item)));
  try {
    const parsed: unknown = JSON.parse(String(known));
    return Array.isArray(parsed) ? parsed.map(String) : [String(known)];
  } catch {
    return [String(known)];
  }
}

/** `2026-11-21T10:00:00Z` as the value of a datetime-local field, in the reader's zone. */
export function toLocalDateTime(text: string): string {
  const date = new Date(text);
  if (Number.isNaN(date.getTime())) return "";
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}

export function isEmpty(value: InputValue): boolean {
  return value === null || value === "" || (Array.isArray(value) && value.length === 0);
}

export function checkInput(input: FlowInput, value: InputValue): InputProblem | null {
  if (isEmpty(value)) return isRequired(input) ? { key: "required" } : null;
  if (value instanceof File) return checkExtension(input, value);
  if (Array.isArray(value)) return checkList(input, value);
  return checkText(input, String(value));
}

function checkExtension(input: FlowInput, file: File): InputProblem | null {
  const wanted = input.allowedFileExtensions ?? [];
  const fits = !wanted.length || wanted.some((extension) => file.name.toLowerCase().endsWith(extension.toLowerCase()));
  return fits ? null : { key: "extension", params: { extension: wanted.join(", ") } };
}

function checkList(input: FlowInput, items: string[]): InputProblem | null {
  if (input.type === "MULTISELECT") return items.map((item) => checkOption(input, item)).find((problem) => problem) ?? null;
  const itemInput: FlowInput = { id: input.id, type: input.itemType ?? "STRING" };
  return items.map((item) => checkText(itemInput, item)).find((problem) => problem) ?? null;
}

function checkOption(input: FlowInput, text: string): InputProblem | null {
  if (acceptsAnyValue(input)) return null;
  return optionsOf(input).some((option) => option.value === text) ? null : { key: "option" };
}

function checkText(input: FlowInput, text: string): InputProblem | null {
  if (NUMBERS.includes(input.type)) return checkNumber(input, text);
  if (CHOICES.includes(input.type)) return checkOption(input, text);
  if (["DATE", "TIME", "DATETIME"].includes(input.type)) return checkMoment(input, text);
  return checkFormat(input, text);
}

function checkNumber(input: FlowInput, text: string): InputProblem | null {
  const pattern = input.type === "INT" ? /^[+-]?\d+$/ : /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
  if (!pattern.test(text.trim())) return { key: input.type === "INT" ? "int" : "float" };
  const number = Number(text);
  if (input.min !== undefined && input.min !== null && number < Number(input.min)) return { key: "min", params: { limit: input.min } };
  if (input.max !== undefined && input.max !== null && number > Number(input.max)) return { key: "max", params: { limit: input.max } };
  return null;
}

function checkMoment(input: FlowInput, text: string): InputProblem | null {
  const pattern = { DATE: /^\d{4}-\d{2}-\d{2}$/, TIME: /^\d{2}:\d{2}(:\d{2})?$/ }[input.type as "DATE" | "TIME"];
  const isMoment = pattern ? pattern.test(text) : !Number.isNaN(Date.parse(text));
  if (!isMoment) return { key: input.type.toLowerCase() };
  if (input.after && !isServerSide(input.after) && !comesBefore(input.after, text)) return { key: "after", params: { limit: input.after } };
  if (input.before && !isServerSide(input.before) && !comesBefore(text, input.before)) return { key: "before", params: { limit: input.before } };
  return null;
}

function comesBefore(first: string, second: string): boolean {
  const [left, right] = [Date.parse(first), Date.parse(second)];
  return Number.isNaN(left) || Number.isNaN(right) ? first < second : left < right;
}

function checkFormat(input: FlowInput, text: string): InputProblem | null {
  switch (input.type) {
    case "JSON":
      return parseProblem("json", () => JSON.parse(text));
    case "YAML":
      return parseProblem("yaml", () => parseYaml(text));
    case "DURATION":
      return DURATION.test(text) ? null : { key: "duration" };
    case "URI":
    case "URL":
      return URL.canParse(text) ? null : { key: "uri" };
    case "EMAIL":
      return /^\S+@\S+\.\S+$/.test(text) ? null : { key: "email" };
    default:
      return checkPattern(input, text);
  }
}

function parseProblem(key: string, parse: () => unknown): InputProblem | null {
  try {
    parse();
    return null;
  } catch (error) {
    return { key, params: { reason: (error as Error).message.split("\n")[0] } };
  }
}

/** A pattern the browser cannot read is left to the server. */
function checkPattern(input: FlowInput, text: string): InputProblem | null {
  if (!input.validator) return null;
  try {
    return new RegExp(`^(?:${input.validator})$`, "u").test(text) ? null : { key: "pattern", params: { pattern: input.validator } };
  } catch {
    return null;
  }
}

/** The text of one form field; null when the server shall use the default. */
export function toFieldText(input: FlowInput, value: InputValue): string | null {
  if (isEmpty(value) || value instanceof File) return null;
  if (Array.isArray(value)) return JSON.stringify(value.map((item) => castItem(input.itemType, item)));
  if (input.type === "DATETIME") return new Date(String(value)).toISOString();
  return String(value);
}

function castItem(type: InputType | undefined, item: string): unknown {
  if (type === "INT" || type === "FLOAT") return Number(item);
  if (type === "BOOL" || type === "BOOLEAN") return item === "true";
  if (type === "JSON") return JSON.parse(item);
  return item;
}

export function buildForm(inputs: FlowInput[], values: Record<string, InputValue>): FormData {
  const form = new FormData();
  for (const input of inputs) {
    const value = values[input.id] ?? null;
    const text = toFieldText(input, value);
    if (value instanceof File) form.append(input.id, value, value.name);
    else if (text !== null) form.append(input.id, text);
  }
  return form;
}

/** The same call for a terminal; secrets and the password stay out of it. */
export function asCurl(url: string, inputs: FlowInput[], values: Record<string, InputValue>, username: string): string {
  const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
  const fields = inputs.flatMap((input) => {
    const value = values[input.id] ?? null;
    if (value instanceof File) return [`-F ${quote(`${input.id}=@${value.name}`)}`];
    const text = input.type === "SECRET" && !isEmpty(value) ? "…" : toFieldText(input, value);
    return text === null ? [] : [`-F ${quote(`${input.id}=${text}`)}`];
  });
  return [`curl -u ${quote(username)} -X POST ${quote(url)}`, ...fields].join(" \\\n  ");
}
