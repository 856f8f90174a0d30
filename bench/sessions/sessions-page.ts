import { median } from '../figures/statistics.ts';
import type { machineSetting } from '../setting.ts';

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

export function sessionsPage(
  setting: ReturnType<typeof machineSetting>,
  plan: { readonly logins: number; readonly rounds: number; readonly atOnce: number },
  logins: readonly LoginSample[],
  idle: readonly IdleSample[],
): string {
  const targets = [...Map.groupBy(logins, ({ target }) => target)].map(([target, of]) => {
    const middle = (value: (sample: LoginSample) => number) => median(of.map(value));
    const ratio = median(
      of.map(({ round, p50 }) => {
        const other = logins.find((each) => each.target === 'direct' && each.round === round);
        return p50 / (other?.p50 ?? Number.NaN);
      }),
    );
    const cells = [
      middle(({ p50 }) => p50).toFixed(2),
      middle(({ p99 }) => p99).toFixed(2),
      ratio.toFixed(2),
      middle(({ perSecond }) => perSecond).toFixed(0),
      target === 'direct' ? '' : middle(({ cpuMs }) => cpuMs).toFixed(2),
    ];
    return `| ${[target, ...cells].join(' | ')} |`;
  });
  const idles = idle.map(
    ({ count, kibEach, cpuShare }) =>
      `| ${count.toLocaleString('en')} | ${kibEach.toFixed(1)} | ${(cpuShare * 100).toFixed(1)} % |`,
  );
  return `# Sessions

\`npm run bench:sessions\`, ${setting.at}. Node.js ${setting.node}, on ${setting.machine}; load average at the start ${setting.load}.
Everything runs on this machine over loopback, the clients (node-postgres) too.

## Logins

SCRAM-SHA-256 on both sides of Postern; medians of ${plan.rounds} rounds of ${plan.logins} logins one after another, and as many ${plan.atOnce} at once. The ratio is taken within a round.

| | p50 ms | p99 ms | of direct | logins/s | CPU ms |
|---|--:|--:|--:|--:|--:|
${targets.join('\n')}

## Idle sessions

Memory over none (shared pages counted once), and what all of them cost while nothing happens.

| sessions | KiB each | CPU of one core |
|--:|--:|--:|
${idles.join('\n')}
`;
}
