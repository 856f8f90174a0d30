import { median } from '../figures/statistics.ts';
import type { Page } from '../part.ts';
import { bars } from '../plots/bars.ts';
import { fixed, table } from '../table.ts';
import type { Orm } from './work.ts';

export interface OrmSample {
  readonly orm: Orm;
  readonly target: string;
  /** From 1. */
  readonly round: number;
  /** Pieces of work of all clients. */
  readonly perSecond: number;
  /** ms of one. */
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  /** The proxy's time for one, microseconds; the connections' is in it. */
  readonly user: number;
  readonly system: number;
}

interface OrmPlan {
  readonly rounds: number;
  readonly seconds: number;
  readonly connections: number;
}

type Figure = 'perSecond' | 'p50' | 'p95' | 'p99' | 'user' | 'system';
type Row = Pick<OrmSample, 'orm' | 'target' | Figure> & { readonly toDirect: number };

const FIGURES = ['perSecond', 'p50', 'p95', 'p99', 'user', 'system'] as const;

export function ormPage(plan: OrmPlan, samples: readonly OrmSample[]): Page {
  const rows = summarise(samples);
  const orms = [...new Set(rows.map(({ orm }) => orm))];
  const of = (name: Orm) => rows.filter(({ orm }) => orm === name);
  return {
    markdown: `${plan.connections} clients of one process, each on a connection of the ORM's pool, do the same piece of work over and over: find a customer by
key with orders, list orders by a condition, insert an order, and a transaction of an update and an insert. Medians of
${plan.rounds} rounds of ${plan.seconds} s. The ORM itself is most of the time, and has the machine's cores too.

![time](orm.svg)

${orms.map((orm) => `## ${orm === 'prisma' ? 'Prisma' : 'TypeORM'}\n\n${ormTable(of(orm))}`).join('\n\n')}`,
    plots: {
      'orm.svg': bars({
        title: 'One piece of work of an ORM, median',
        label: 'ms',
        groups: orms.map((orm) => ({
          title: orm,
          bars: of(orm).map(({ target, p50 }) => ({
            series: target,
            value: p50,
            text: `${fixed(p50, 2)} ms`,
          })),
        })),
      }),
    },
    data: { plan, rows, samples },
    marks: [],
    findings: orms.flatMap((orm) =>
      of(orm)
        .filter(({ target }) => target === 'postern-model')
        .map(
          ({ toDirect }) =>
            `${orm}: ${fixed(toDirect, 2)} of the work that there is without a proxy, all controls on`,
        ),
    ),
  };
}

function summarise(samples: readonly OrmSample[]): readonly Row[] {
  const groups = [...Map.groupBy(samples, ({ orm, target }) => `${orm} ${target}`).values()];
  const order = (target: string) => (target === 'direct' ? 0 : 1);
  return groups
    .map((group): Row => {
      const { orm, target } = group[0] as OrmSample;
      const figures = Object.fromEntries(
        FIGURES.map((name) => [name, median(group.map((sample) => sample[name]))]),
      ) as Record<Figure, number>;
      const ratios = group.flatMap(({ round, perSecond }) =>
        samples
          .filter((each) => each.orm === orm && each.target === 'direct' && each.round === round)
          .map((direct) => perSecond / direct.perSecond),
      );
      return { orm, target, ...figures, toDirect: median(ratios) };
    })
    .sort((one, other) => order(one.target) - order(other.target));
}

function ormTable(rows: readonly Row[]): string {
  return table(
    ['', 'a second', 'of direct', 'p50 ms', 'p95', 'p99', 'user µs', 'system µs'],
    rows.map(({ target, perSecond, toDirect, p50, p95, p99, user, system }) => [
      ...[target, fixed(perSecond), fixed(toDirect, 2), fixed(p50, 2), fixed(p95, 2), fixed(p99, 2)],
      ...(target === 'direct' ? ['', ''] : [fixed(user), fixed(system)]),
    ]),
  );
}
