import { computed, ref, watch, type ComputedRef, type Ref } from "vue";

interface StoredDraft {
  source: string;
  savedAt: string;
}

export interface Draft {
  /** A draft of an earlier visit that differs from what the server has. */
  found: Ref<StoredDraft | null>;
  isDirty: ComputedRef<boolean>;
  restore: () => void;
  discard: () => void;
}

/** Keeps unsaved source in this browser, so that neither a closed tab nor a refused save loses it. */
export function useDraft(key: string, source: Ref<string>, saved: Ref<string>): Draft {
  const storageKey = `penstock.draft.${key}`;
  const isDirty = computed(() => source.value !== saved.value);
  const found = ref(readDraft(storageKey, saved.value));

  watch([source, saved], () => {
    if (!isDirty.value) return found.value ? undefined : localStorage.removeItem(storageKey);
    writeDraft(storageKey, source.value);
  });

  function discard(): void {
    found.value = null;
    localStorage.removeItem(storageKey);
  }

  function restore(): void {
    if (found.value) source.value = found.value.source;
    found.value = null;
  }

  return { found, isDirty, restore, discard };
}

function readDraft(storageKey: string, saved: string): StoredDraft | null {
  try {
    const draft = JSON.parse(localStorage.getItem(storageKey) ?? "null") as StoredDraft | null;
    return draft && draft.source !== saved ? draft : null;
  } catch {
    return null;
  }
}

/** A full storage must not stop anyone from typing. */
function writeDraft(storageKey: string, source: string): void {
  try {
    localStorage.setItem(storageKey, JSON.stringify({ source, savedAt: new Date().toISOString() } satisfies StoredDraft));
  } catch {
    localStorage.removeItem(storageKey);
  }
}
