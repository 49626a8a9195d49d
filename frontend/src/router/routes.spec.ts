import { createMemoryHistory, createRouter } from "vue-router";
import { describe, expect, it } from "vitest";
import { routes } from "./routes";

const router = createRouter({ history: createMemoryHistory("/ui/"), routes });
const nameOf = (path: string): unknown => router.resolve(path).name;

describe("routes", () => {
  it.each([
    ["/main/flows", "flows"],
    ["/main/flows/new", "flow-new"],
    ["/main/flows/edit/company.sales/orders/edit", "flow-edit"],
    ["/main/flows/edit/company.sales/orders/editor", "flow-edit"],
    ["/acme/executions", "executions"],
    ["/acme/executions/ns/flow/4xY/gantt", "execution-gantt"],
    ["/login", "login"],
    ["/acme/nothing/here", "not-found"],
  ])("%s is the page %s", (path, name) => expect(nameOf(path)).toBe(name));

  it.each([
    ["/flows", "/main/flows"],
    ["/executions/ns/flow/4xY", "/main/executions/ns/flow/4xY/overview"],
    ["/flows/edit/ns/flow/revisions", "/main/flows/edit/ns/flow/revisions"],
  ])("%s without a tenant leads to %s", async (path, target) => {
    const plain = createRouter({
      history: createMemoryHistory("/ui/"),
      routes: JSON.parse("[]").concat(routes.map((route) => ("component" in route && route.component ? { ...route, component: { render: () => null } } : route))),
    });
    plain.getRoutes().forEach((route) => (route.components = { default: { render: () => null } }));
    await plain.push(path);
    expect(plain.currentRoute.value.path).toBe(target);
  });
});
