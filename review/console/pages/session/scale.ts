/** Between the time of a session and the numbers of its statements, as far as either is known. */

/** A statement, and when it was. */
export interface Anchor {
  readonly statement: number;
  /** Unix ms. */
  readonly at: number;
}

/** When a statement was: known, or between those that are known. `anchors` are in order, and two at least. */
export function timeAt(anchors: readonly Anchor[], statement: number): number {
  return between(anchors, statement, 'statement', 'at');
}

/** Which statement was running then, likewise. */
export function statementAt(anchors: readonly Anchor[], at: number): number {
  return Math.round(between(anchors, at, 'at', 'statement'));
}

function between(anchors: readonly Anchor[], value: number, by: keyof Anchor, to: keyof Anchor): number {
  const upper = anchors.findIndex((anchor) => anchor[by] >= value);
  if (upper === 0) return anchors[0]![to];
  if (upper === -1) return anchors.at(-1)![to];
  const [one, other] = [anchors[upper - 1]!, anchors[upper]!];
  const span = other[by] - one[by];
  return span === 0 ? one[to] : one[to] + ((value - one[by]) / span) * (other[to] - one[to]);
}
