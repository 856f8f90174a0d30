/** Calls one after another, timed by the caller's clock. */

/** ms of each call of `once`, for `seconds` and at least `least` calls. */
export async function timesOf(
  once: (n: number) => Promise<unknown>,
  seconds: number,
  least = 1,
): Promise<readonly number[]> {
  const times: number[] = [];
  for (const end = performance.now() + seconds * 1000; performance.now() < end || times.length < least; ) {
    const since = performance.now();
    await once(times.length);
    times.push(performance.now() - since);
  }
  return times;
}
