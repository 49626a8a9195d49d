const KEY = "penstock.reloaded";
const NOT_AGAIN_WITHIN = 30_000;

/** After an upgrade the open page asks for files that are gone: one reload brings the new ones, a broken server no loop. */
export function reloadAfterUpgrade(): void {
  window.addEventListener("vite:preloadError", (event) => {
    const last = Number(sessionStorage.getItem(KEY) ?? 0);
    if (Date.now() - last < NOT_AGAIN_WITHIN) return;
    event.preventDefault();
    sessionStorage.setItem(KEY, String(Date.now()));
    location.reload();
  });
}
