import { mount } from "@vue/test-utils";
import { expect, it } from "vitest";
import DataTable from "./DataTable.vue";

interface Row {
  id: string;
}
const columns = [{ key: "id", label: "Id", sortKey: "id" }, { key: "note", label: "Note" }];

function table(rows: Row[] | undefined, sort = "id:asc") {
  return mount(DataTable<Row>, {
    props: { caption: "Things", columns, rows, rowKey: (row: Row) => row.id, sort },
    slots: { id: `<template #id="{ row }"><a href="#">{{ row.id }}</a></template>`, note: "note" },
  });
}

it("turns the direction of the sorted column round and says so to screen readers", async () => {
  const ascending = table([{ id: "a" }]);
  expect(ascending.find("th").attributes("aria-sort")).toBe("ascending");
  await ascending.find("th button").trigger("click");
  expect(ascending.emitted("sort")).toEqual([["id:desc"]]);
  const descending = table([{ id: "a" }], "id:desc");
  await descending.find("th button").trigger("click");
  expect(descending.emitted("sort")).toEqual([["id:asc"]]);
});

it("opens a row from anywhere but its links", async () => {
  const wrapper = table([{ id: "a" }]);
  await wrapper.find("td a").trigger("click");
  expect(wrapper.emitted("open")).toBeUndefined();
  await wrapper.findAll("td")[1]!.trigger("click");
  expect(wrapper.emitted("open")?.[0]?.[0]).toEqual({ id: "a" });
});

it("shows bones while it waits for rows, hidden from screen readers", () => {
  const wrapper = table(undefined);
  expect(wrapper.find("table").attributes("aria-busy")).toBe("true");
  expect(wrapper.findAll(".bone").length).toBeGreaterThan(0);
  expect(wrapper.find("tbody").attributes("aria-hidden")).toBe("true");
});
