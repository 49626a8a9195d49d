import { mount } from "@vue/test-utils";
import { expect, it } from "vitest";
import { defineComponent, h } from "vue";
import { createMemoryHistory, createRouter } from "vue-router";
import { useListState, type ListState } from "./useListState";

async function listAt(path: string) {
  const router = createRouter({ history: createMemoryHistory(), routes: [{ path: "/", component: { render: () => null } }] });
  await router.push(path);
  let state!: ListState;
  const Probe = defineComponent({ setup: () => ((state = useListState("id:asc")), () => h("i")) });
  mount(Probe, { global: { plugins: [router] } });
  return { state, router, settle: () => new Promise((resolve) => setTimeout(resolve)) };
}

it("reads everything from the address", async () => {
  const { state } = await listAt("/?page=3&size=50&sort=namespace:desc&q=a&state=FAILED&state=KILLED");
  expect([state.page.value, state.size.value, state.sort.value, state.text("q").value]).toEqual([3, 50, "namespace:desc", "a"]);
  expect(state.list("state").value).toEqual(["FAILED", "KILLED"]);
});

it.each(["/", "/?page=-4&size=abc", "/?page=x"])("%s falls back to the first page", async (path) => {
  const { state } = await listAt(path);
  expect([state.page.value, state.size.value, state.sort.value]).toEqual([1, 25, "id:asc"]);
});

it("a new filter starts at the first page, and what is default stays out of the address", async () => {
  const { state, router, settle } = await listAt("/?page=3");
  state.text("q").value = "orders";
  await settle();
  expect(router.currentRoute.value.query).toEqual({ q: "orders" });
  state.page.value = 2;
  await settle();
  expect(router.currentRoute.value.query).toEqual({ q: "orders", page: "2" });
  state.clear(["q"]);
  await settle();
  expect(router.currentRoute.value.query).toEqual({});
});
