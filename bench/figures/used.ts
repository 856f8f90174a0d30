import { type CpuTime, cpuTime, memoryMiB } from './process-usage.ts';

/** What a proxy used for one operation, and what it has afterwards. */
export interface Used {
  /** Microseconds. */
  readonly user: number;
  readonly system: number;
  readonly memoryMiB: number;
}

const NOTHING: CpuTime = { user: 0, system: 0 };

/** Runs `work`, which resolves with the number of operations and more. `pid` is the proxy's; null: there is none, and nothing is used. */
export async function withUsage<T extends { readonly operations: number }>(
  pid: number | null,
  work: () => Promise<T>,
): Promise<T & Used> {
  const before = pid === null ? NOTHING : cpuTime(pid);
  const result = await work();
  const after = pid === null ? NOTHING : cpuTime(pid);
  const each = (kind: keyof CpuTime) => ((after[kind] - before[kind]) / result.operations) * 1e6;
  return {
    ...result,
    user: each('user'),
    system: each('system'),
    memoryMiB: pid === null ? 0 : memoryMiB(pid),
  };
}
