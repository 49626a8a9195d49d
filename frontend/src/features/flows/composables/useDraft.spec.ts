import { beforeEach, expect, it } from "vitest";
import { nextTick, ref } from "vue";
import { useDraft } from "./useDraft";

beforeEach(() => localStorage.clear());

it("keeps what is typed, offers it at the next visit, and forgets it once saved", async () => {
  const source = ref("id: a");
  const saved = ref("id: a");
  const first = useDraft("k", source, saved);
  expect(first.isDirty.value).toBe(false);
  source.value = "id: a2";
  await nextTick();
  expect(first.isDirty.value).toBe(true);

  const later = ref("id: a");
  const second = useDraft("k", later, ref("id: a"));
  expect(second.found.value?.source).toBe("id: a2");
  second.restore();
  expect(later.value).toBe("id: a2");

  saved.value = "id: a2";
  await nextTick();
  expect(useDraft("k", ref("id: a2"), ref("id: a2")).found.value).toBeNull();
});

it("discards on demand and survives a broken store", () => {
  localStorage.setItem("penstock.draft.k", JSON.stringify({ source: "x", savedAt: "2026-11-21" }));
  const draft = useDraft("k", ref("y"), ref("y"));
  draft.discard();
  expect(draft.found.value).toBeNull();
  localStorage.setItem("penstock.draft.k", "{broken");
  expect(useDraft("k", ref("y"), ref("y")).found.value).toBeNull();
});
