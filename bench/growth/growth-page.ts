import type { Page } from '../part.ts';
import { lines } from '../plots/lines.ts';
import { fixed, percent, table } from '../table.ts';
import type { ClientsRow } from './clients.ts';
import type { GrantsRow } from './grants.ts';
import type { SpoolRow } from './spool.ts';

export interface GrowthData {
  readonly clients: readonly ClientsRow[];
  readonly grants: readonly GrantsRow[];
  readonly spools: readonly SpoolRow[];
}

export function growthPage(data: GrowthData): Page {
  const sections = [
    ...(data.clients.length > 0 ? [clientsSection(data.clients)] : []),
    ...(data.grants.length > 0 ? [grantsSection(data.grants)] : []),
    ...(data.spools.length > 0 ? [spoolSection(data.spools)] : []),
  ];
  return { markdown: sections.join('\n\n'), plots: plots(data), data, marks: [] };
}

function clientsSection(rows: readonly ClientsRow[]): string {
  return `## Clients

Prepared SELECTs; each client sends the next when it has the last.

![rate](clients.svg)

![CPU](cpu.svg)

${table(
  ['clients', '', 'tps', 'p50 ms', 'p99 ms', 'user µs', 'system µs', 'MiB'],
  rows.map(({ clients, target, tps, latency, user, system, memoryMiB }) => [
    ...[fixed(clients), target, fixed(tps), fixed(latency.p50, 3), fixed(latency.p99, 3)],
    ...(target === 'direct' ? ['', '', ''] : [fixed(user), fixed(system), fixed(memoryMiB)]),
  ]),
  2,
)}`;
}

function grantsSection(rows: readonly GrantsRow[]): string {
  return `## Active grants

Somebody logs in with one of so many; and the node while nobody is connected.

![login](grants.svg)

${table(
  ['grants', 'login p50 ms', 'Redis MiB', 'idle, of one core'],
  rows.map(({ grants, login, redis, idleShare }) => [
    ...[fixed(grants), fixed(login, 2), fixed(redis, 1), percent(idleShare)],
  ]),
)}`;
}

function spoolSection(rows: readonly SpoolRow[]): string {
  return `## Events in the spool

Written in one go by one process, opened as after a restart, and checked whole as \`postern audit verify\` does.

![spool](spool.svg)

${table(
  ['events', 'append µs', 'open ms', 'verify s'],
  rows.map(({ events, append, open, verify }) => [
    ...[fixed(events), fixed(append, 1), fixed(open, 1), fixed(verify, 2)],
  ]),
)}`;
}

function plots({ clients, grants, spools }: GrowthData): Page['plots'] {
  const targets = [...new Set(clients.map(({ target }) => target))];
  const of = (name: string, value: (row: ClientsRow) => number) => ({
    name,
    points: clients.filter(({ target }) => target === name).map((row) => [row.clients, value(row)] as const),
  });
  const along = { label: 'clients', scale: 'log' } as const;
  return {
    ...(clients.length > 0 && {
      'clients.svg': lines({
        title: 'Prepared SELECTs a second, by clients',
        x: along,
        y: { label: 'tps', scale: 'linear' },
        series: targets.map((name) => of(name, ({ tps }) => tps)),
      }),
      'cpu.svg': lines({
        title: 'CPU time of the proxy for one of them, by clients',
        x: along,
        y: { label: 'µs', scale: 'linear' },
        series: targets
          .filter((name) => name !== 'direct')
          .map((name) => of(name, ({ user, system }) => user + system)),
      }),
    }),
    ...(grants.length > 0 && {
      'grants.svg': lines({
        title: 'Login and memory of Redis, by active grants',
        x: { label: 'active grants', scale: 'log' },
        y: { label: 'ms; MiB', scale: 'linear' },
        series: [
          { name: 'login, ms', points: grants.map((row) => [row.grants, row.login]) },
          { name: 'Redis, MiB', points: grants.map((row) => [row.grants, row.redis]) },
        ],
      }),
    }),
    ...(spools.length > 0 && {
      'spool.svg': lines({
        title: 'The spool, by its events',
        x: { label: 'events', scale: 'log' },
        y: { label: 'ms', scale: 'log' },
        series: [
          { name: 'verify', points: spools.map((row) => [row.events, row.verify * 1000]) },
          { name: 'open', points: spools.map((row) => [row.events, row.open]) },
        ],
      }),
    }),
  };
}
