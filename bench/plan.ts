/** How much is measured. */
export interface Plan {
  /** Rounds of workloads that marks were set for, and of all others. */
  readonly rounds: number;
  readonly minorRounds: number;
  /** s of one run of pgbench in a round, likewise; pgbench takes whole ones. */
  readonly seconds: number;
  readonly minorSeconds: number;
  /** s, for each target and workload; the first is for those of several clients that have a mark: code is compiled in them. */
  readonly firstWarmUp: number;
  readonly warmUp: number;
  /** Of pgbench: 100,000 accounts and one branch each. */
  readonly scale: number;
  /** Names of targets and of workloads of pgbench; null: all. */
  readonly targets: readonly string[] | null;
  readonly workloads: readonly string[] | null;
  readonly rows: number;
  /** 10^6 bytes of COPY. */
  readonly megabytes: number;
  /** In a round, one after another; and as many, several at once. */
  readonly logins: number;
  /** Numbers of sessions that do nothing. */
  readonly idle: readonly number[];
  /** s until a process that has nothing to do has come to rest. */
  readonly rest: number;
  /** Clients that send statements of a megabyte beside one that sends short ones. */
  readonly longClients: number;
  /** s beside a neighbour. */
  readonly beside: number;
  /** Of databases that decisions are made over. */
  readonly relations: readonly number[];
  /** Of grants that are active when somebody logs in. */
  readonly grants: readonly number[];
  /** Of events that a spool has when it is opened and checked. */
  readonly events: readonly number[];
  /** Clients at once, for the curve. */
  readonly clients: readonly number[];
  /** Bytes of one statement. */
  readonly lengths: readonly number[];
}

/** In some 30 minutes. */
export const FULL: Plan = {
  ...{ rounds: 5, minorRounds: 3, seconds: 2, minorSeconds: 1, scale: 10 },
  ...{ firstWarmUp: 6, warmUp: 1 },
  ...{ targets: null, workloads: null },
  ...{ rows: 1_000_000, megabytes: 1_000 },
  ...{ logins: 200, idle: [100, 1_000, 5_000], rest: 5 },
  ...{ longClients: 50, beside: 5 },
  ...{ relations: [10, 100, 1_000, 10_000], grants: [1, 100, 1_000, 5_000] },
  ...{ events: [10_000, 100_000, 1_000_000], clients: [1, 2, 4, 8, 16, 64] },
  lengths: [100, 1_000, 10_000, 100_000, 1_000_000],
};

/** Every part of it, as little as it takes to see that it works: the figures are of no use. */
export const QUICK: Plan = {
  ...{ rounds: 1, minorRounds: 1, seconds: 1, minorSeconds: 1, scale: 1 },
  ...{ firstWarmUp: 0, warmUp: 0 },
  targets: null,
  workloads: ['select-prepared-8', 'pipelined-8', 'connect-8'],
  ...{ rows: 100_000, megabytes: 20 },
  ...{ logins: 20, idle: [10, 50], rest: 1 },
  ...{ longClients: 4, beside: 1 },
  ...{ relations: [10, 100], grants: [1, 100] },
  ...{ events: [1_000, 10_000], clients: [1, 8] },
  lengths: [100, 10_000],
};

/** What `wanted` names, in its order; all where it is null. @throws Error that lists the names there are */
export function chosen<T>(
  option: string,
  wanted: readonly string[] | null,
  all: readonly (readonly [string, T])[],
): readonly T[] {
  const known = new Map(all);
  return (wanted ?? [...known.keys()]).map((name) => {
    const found = known.get(name);
    if (found === undefined) throw new Error(`${option} takes ${[...known.keys()].join(', ')}`);
    return found;
  });
}
