/** How the shipping of a node's spool into the store goes. A type, so that it is an answer of the API as it stands. */
export type StoreState = {
  readonly reachable: boolean;
  /** Why not; or why a stream of the spool can't be shipped. */
  readonly fault: string | null;
  /** Events of this node's spool that the store does not have yet; while it has not been reached since the start, by what it was last seen to have. */
  readonly behind: number;
  /** How long the first of them has been waiting, in seconds. */
  readonly behindSeconds: number;
  /** Events that have been shipped since the node's start. */
  readonly shipped: number;
};

export const NOT_REACHED_YET: StoreState = {
  ...{ reachable: false, fault: 'it has not been reached yet' },
  ...{ behind: 0, behindSeconds: 0, shipped: 0 },
};
