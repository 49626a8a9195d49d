import { mount } from "@vue/test-utils";
import { expect, it } from "vitest";
import { ALL_STATES, lookOf } from "@/shared/lib/states";
import StateBadge from "./StateBadge.vue";

it.each(ALL_STATES)("%s is told by word, icon and tone", (state) => {
  const badge = mount(StateBadge, { props: { state } });
  expect(badge.text()).toBe(state);
  expect(badge.find("svg path").attributes("d")).toBeTruthy();
  expect(badge.attributes("data-tone")).toBe(lookOf(state).tone);
});

it("shows an unknown state of a newer server as waiting, not as an error", () => {
  const badge = mount(StateBadge, { props: { state: "SOMETHING_NEW" as never } });
  expect(badge.text()).toBe("SOMETHING_NEW");
  expect(badge.attributes("data-tone")).toBe("waiting");
});
