import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listStreams } from '../../audit/segments.ts';
import { Spool } from '../../audit/spool.ts';
import { verify } from '../../audit/verify.ts';
import type { Say } from '../part.ts';
import type { Plan } from '../plan.ts';
import { writeLoad } from '../store/audit-store-load.ts';

export interface SpoolRow {
  readonly events: number;
  /** Microseconds for an event, written with others. */
  readonly append: number;
  /** ms until a writer has found the end of every stream and could go on. */
  readonly open: number;
  /** s of `postern audit verify`. */
  readonly verify: number;
}

/** A trail of so many events: written, opened again as after a restart, and checked whole. */
export async function measureSpools({ events }: Plan, say: Say): Promise<readonly SpoolRow[]> {
  const rows: SpoolRow[] = [];
  for (const count of events) {
    const directory = mkdtempSync(join(tmpdir(), 'postern-bench-'));
    try {
      rows.push(await measured(directory, count));
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
    say(`${count} events: opened in ${rows.at(-1)?.open.toFixed(1)} ms`);
  }
  return rows;
}

async function measured(directory: string, events: number): Promise<SpoolRow> {
  const from = Date.parse('2026-01-01T00:00:00Z');
  const written = await timed(() =>
    writeLoad({ directory, events, days: 30, from, longSession: Math.min(events / 10, 1_000) }),
  );
  const opened = await timed(async () => {
    const spools = listStreams(directory).map(({ node, stream }) =>
      Spool.open({ directory, node, stream, fsync: 'never' }),
    );
    for (const spool of spools) await spool.close();
  });
  const checked = await timed(() => verify(directory));
  return { events, append: (written * 1000) / events, open: opened, verify: checked / 1000 };
}

/** ms */
async function timed(run: () => Promise<unknown>): Promise<number> {
  const since = performance.now();
  await run();
  return performance.now() - since;
}
