import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { messages } from ".";

const SOURCES = join(import.meta.dirname, "..");
const USE = /(?:\$t|\bt|keypath=)\(?\s*["']([a-z]+\.[A-Za-z_.]+)["']/g;

function sourceFiles(): string[] {
  return readdirSync(SOURCES, { recursive: true, encoding: "utf8" }).filter((name) => /\.(vue|ts)$/.test(name) && !name.endsWith(".spec.ts"));
}

function lookUp(key: string): unknown {
  return key.split(".").reduce<unknown>((level, part) => (level as Record<string, unknown> | undefined)?.[part], messages.en);
}

it("every text that a page names exists", () => {
  const used = sourceFiles().flatMap((name) => [...readFileSync(join(SOURCES, name), "utf8").matchAll(USE)].map((match) => `${match[1]} in ${name}`));
  expect(used.length).toBeGreaterThan(150);
  expect(used.filter((use) => typeof lookUp(use.split(" ")[0]!) !== "string")).toEqual([]);
});
