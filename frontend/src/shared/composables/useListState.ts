import { computed, type WritableComputedRef } from "vue";
import { useRoute, useRouter } from "vue-router";

export interface ListState {
  page: WritableComputedRef<number>;
  size: WritableComputedRef<number>;
  sort: WritableComputedRef<string>;
  text: (key: string) => WritableComputedRef<string>;
  list: (key: string) => WritableComputedRef<string[]>;
  clear: (keys: string[]) => void;
}

/** Filters, sorting and paging of a list live in the address, so that reload, Back and a shared link keep them. */
export function useListState(defaultSort: string, defaultSize = 25): ListState {
  const route = useRoute();
  const router = useRouter();

  function change(changes: Record<string, string | string[] | undefined>, keepsPage = false): void {
    const query = { ...route.query, ...(keepsPage ? {} : { page: undefined }), ...changes };
    void router.replace({ query, hash: route.hash });
  }

  const one = (key: string): string => {
    const value = route.query[key];
    return String((Array.isArray(value) ? value[0] : value) ?? "");
  };

  const text = (key: string): WritableComputedRef<string> =>
    computed({ get: () => one(key), set: (value) => change({ [key]: value || undefined }) });

  const list = (key: string): WritableComputedRef<string[]> =>
    computed({
      get: () => [route.query[key] ?? []].flat().map(String),
      set: (value) => change({ [key]: value.length ? value : undefined }),
    });

  return {
    text,
    list,
    page: computed({
      get: () => Math.max(1, Number.parseInt(one("page"), 10) || 1),
      set: (value) => change({ page: value > 1 ? String(value) : undefined }, true),
    }),
    size: computed({
      get: () => Number.parseInt(one("size"), 10) || defaultSize,
      set: (value) => change({ size: value === defaultSize ? undefined : String(value) }),
    }),
    sort: computed({
      get: () => one("sort") || defaultSort,
      set: (value) => change({ sort: value === defaultSort ? undefined : value }),
    }),
    clear: (keys) => change(Object.fromEntries(keys.map((key) => [key, undefined]))),
  };
}
