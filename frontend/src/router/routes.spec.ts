import { createMemoryHistory, createRouter, type RouteRecordRaw } from "vue-router";
import { describe, expect, it } from "vitest";
import { routes } from "./routes";

/** The same paths without the pages behind them. */
function bare(route: RouteRecordRaw): RouteRecordRaw {
  const empty = { render: () => null };
  const { component, components, children, ...rest } = route;
  return { ...rest, ...(component || components ? { component: empty } : {}), ...(children ? { children: children.map(bare) } : {}) } as RouteRecordRaw;
}

const router = createRouter({ history: createMemoryHistory("/ui/"), routes: routes.map(bare) });
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
    await router.push(path);
    expect(router.currentRoute.value.path).toBe(target);
  });
});
