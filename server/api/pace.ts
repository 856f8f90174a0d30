import { slowDown } from './refusal-book.ts';

/** Counts what somebody does, as a share of the requests that they may make: 0, or the ms until they may. */
export type Pace = (what: string, share: number) => Promise<number>;

/** Rejects with an HttpFault where it is too often. */
export async function keepPace(pace: Pace, what: string, share: number): Promise<void> {
  const wait = await pace(what, share);
  if (wait > 0) throw slowDown('you ask too often', wait);
}
