import { median } from '../figures/statistics.ts';
import { mark, type Page } from '../part.ts';
import type { Plan } from '../plan.ts';
import { lines } from '../plots/lines.ts';
import { fixed, percent, table } from '../table.ts';

export interface LoginSample {
  readonly target: string;
  /** From 1. */
  readonly round: number;
  /** ms from the first byte to the first ReadyForQuery, one login after another. */
  readonly p50: number;
  readonly p99: number;
  /** Logins a second, several at once. */
  readonly perSecond: number;
  /** The proxy's user and system time for one of these. */
  readonly cpuMs: number;
}

export interface IdleSample {
  readonly count: number;
  /** KiB of the proxy for each. */
  readonly kibEach: number;
  /** Of one core, for all of them. */
  readonly cpuShare: number;
}

/** Sessions for which the mark was set. */
const MANY = 5_000;

export function sessionsPage(
  plan: Plan,
  atOnce: number,
  logins: readonly LoginSample[],
  idle: readonly IdleSample[],
): Page {
  const rows = [...Map.groupBy(logins, ({ target }) => target)].map(([target, of]) => {
    const middle = (value: (sample: LoginSample) => number) => median(of.map(value));
    const ratios = of.flatMap(({ round, p50 }) =>
      logins
        .filter((each) => each.target === 'direct' && each.round === round)
        .map((direct) => p50 / direct.p50),
    );
    return {
      ...{ target, p50: middle(({ p50 }) => p50), p99: middle(({ p99 }) => p99), toDirect: median(ratios) },
      perSecond: middle(({ perSecond }) => perSecond),
      cpuMs: middle(({ cpuMs }) => cpuMs),
    };
  });
  const own = rows.find(({ target }) => target === 'postern');
  const many = idle.find(({ count }) => count === MANY);
  const idleRows = idle.map(({ count, kibEach, cpuShare }) => [
    ...[fixed(count), fixed(kibEach, 1), percent(cpuShare)],
  ]);
  return {
    markdown: `## Logins

SCRAM-SHA-256 on both sides of a proxy; medians of ${plan.minorRounds} rounds of ${plan.logins} logins one after another by
node-postgres, and as many ${atOnce} at once by clients that keep the keys of their password, as RFC 5802 lets them: what
deriving them takes of the shared cores would be most of what is counted. The ratio is taken within a round.

${table(
  ['', 'p50 ms', 'p99 ms', 'of direct', 'logins/s', 'CPU ms'],
  rows.map((row) => [
    ...[row.target, fixed(row.p50, 2), fixed(row.p99, 2), fixed(row.toDirect, 2), fixed(row.perSecond)],
    row.target === 'direct' ? '' : fixed(row.cpuMs, 2),
  ]),
)}

## Idle sessions

Memory over none (shared pages counted once), and what all of them cost while nothing happens.

${table(['sessions', 'KiB each', 'CPU of one core'], idleRows)}

![memory of idle sessions](idle.svg)`,
    plots: {
      'idle.svg': lines({
        title: 'Memory of sessions that do nothing',
        x: { label: 'sessions', scale: 'log' },
        y: { label: 'MiB of all of them, over none', scale: 'linear' },
        series: [
          {
            name: 'postern',
            points: idle.map(({ count, kibEach }) => [count, Math.max((kibEach * count) / 1024, 0)]),
          },
        ],
      }),
    },
    data: { plan, rows, logins, idle },
    marks: [
      mark('login (SCRAM, Redis, upstream)', 'at most', 2.5, own?.toDirect ?? Number.NaN, 'x direct'),
      mark('logins, 16 at once', 'at least', 300, own?.perSecond ?? Number.NaN, 'a second'),
      mark('idle session, at 5,000', 'at most', 40, many?.kibEach ?? Number.NaN, 'KiB'),
    ],
  };
}
