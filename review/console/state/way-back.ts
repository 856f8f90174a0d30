/**
 * Where somebody was when they left for the identity provider, whose logins all end at `/`. Kept by this browser for this
 * tab alone, and read once.
 */
const KEY = 'postern-way-back';

export function keepWayBack(): void {
  try {
    sessionStorage.setItem(KEY, `${location.pathname}${location.search}${location.hash}`);
  } catch {
    // they are at the first page then
  }
}

/** INVARIANT: it leads nowhere else than to a page of this server. */
export function takeWayBack(): void {
  if (location.pathname !== '/') return;
  try {
    const kept = sessionStorage.getItem(KEY);
    sessionStorage.removeItem(KEY);
    if (kept !== null && /^\/(?!\/)/.test(kept)) history.replaceState(null, '', kept);
  } catch {
    // likewise
  }
}
