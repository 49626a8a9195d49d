import { afterEach, describe, expect, it, vi } from "vitest";
import { ApiError, queryText, requestInstance, requestTenant, tenantUrl, whenSignedOut } from "./client";

function answer(status: number, body: unknown, headers: Record<string, string> = {}): void {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  vi.stubGlobal("fetch", vi.fn(async () => new Response(status === 204 ? null : text, { status, headers })));
}

afterEach(() => vi.unstubAllGlobals());

describe("queryText", () => {
  it("repeats lists and drops what is empty", () => {
    expect(queryText({ page: 1, q: "", state: ["RUNNING", "FAILED"], none: undefined })).toBe("?page=1&state=RUNNING&state=FAILED");
    expect(queryText({})).toBe("");
  });
});

describe("requests", () => {
  it("puts the tenant into the path, escaped", () => {
    expect(tenantUrl("a/b", "/flows")).toBe("/api/v1/a%2Fb/flows");
  });

  it("sends the CSRF token on unsafe methods only", async () => {
    document.cookie = "csrftoken=abc";
    answer(200, {});
    await requestTenant("main", "/flows", { method: "POST", yaml: "id: a" });
    await requestTenant("main", "/flows");
    const calls = vi.mocked(fetch).mock.calls.map((call) => call[1]?.headers as Record<string, string>);
    expect(calls[0]).toMatchObject({ "X-CSRFToken": "abc", "Content-Type": "application/x-yaml" });
    expect(calls[1]).not.toHaveProperty("X-CSRFToken");
  });

  it("carries message, details and request id of a refusal", async () => {
    answer(422, { message: "Invalid entity", _embedded: { errors: [{ message: "bad", line: 3 }] } }, { "X-Request-Id": "r-1" });
    const error = await requestTenant("main", "/flows").catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ status: 422, message: "Invalid entity", requestId: "r-1", details: [{ line: 3 }] });
  });

  it("speaks of the status when the answer is no JSON", async () => {
    answer(502, "<html>");
    await expect(requestTenant("main", "/flows")).rejects.toThrow("502");
  });

  it("reports a lost session for tenant calls, not for the login itself", async () => {
    const signedOut = vi.fn();
    whenSignedOut(signedOut);
    answer(401, { message: "no" });
    await requestInstance("/me").catch(() => undefined);
    expect(signedOut).not.toHaveBeenCalled();
    await requestTenant("main", "/flows").catch(() => undefined);
    expect(signedOut).toHaveBeenCalledOnce();
  });

  it("accepts an empty answer", async () => {
    answer(204, "");
    await expect(requestTenant("main", "/x", { method: "DELETE" })).resolves.toBeUndefined();
  });
});
