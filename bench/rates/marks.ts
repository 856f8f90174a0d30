import { type Mark, mark } from '../part.ts';
import type { Row } from './summary.ts';

/** Of the workloads that were measured. All controls are on where the risk model is; without that target, the one without it counts. */
export function rateMarks(rows: readonly Row[]): readonly Mark[] {
  const row = (workload: string, target: string) =>
    rows.find((each) => each.workload === workload && each.target === target);
  const proxy = (workload: string) => row(workload, 'postern-model') ?? row(workload, 'postern');
  const rate = (
    workload: string,
    subject: string,
    of: readonly (readonly ['pgbouncer' | 'pgpool', number])[],
  ) => {
    const own = proxy(workload);
    if (own === undefined) return [];
    return of.map(([other, asked]) =>
      other === 'pgbouncer'
        ? mark(subject, 'at least', asked, own.toPgbouncer, 'x PgBouncer')
        : mark(subject, 'at least', asked, own.toPgpool, 'x Pgpool-II'),
    );
  };
  const added = (workload: string, subject: string, asked: number) => {
    const own = proxy(workload);
    const other = row(workload, 'pgbouncer');
    if (own === undefined) return [];
    return [
      mark(
        subject,
        'at most',
        asked,
        own.added.p50 / (other?.added.p50 ?? Number.NaN),
        'x what PgBouncer adds',
      ),
    ];
  };
  const cpu = (workload: string, asked: number) => {
    const own = proxy(workload);
    const other = row(workload, 'pgbouncer');
    if (own === undefined) return [];
    const ratio = (own.user + own.system) / (other === undefined ? Number.NaN : other.user + other.system);
    return [mark('CPU of a prepared SELECT, 8 clients', 'at most', asked, ratio, 'x PgBouncer')];
  };
  return [
    ...rate('select-prepared-8', 'SELECT, prepared, 8 clients', [
      ['pgbouncer', 1],
      ['pgpool', 2.5],
    ]),
    ...rate('select-simple-8', 'SELECT, simple, every text new, 8 clients', [
      ['pgbouncer', 0.8],
      ['pgpool', 1.3],
    ]),
    ...rate('tpcb-prepared-8', 'TPC-B, prepared, 8 clients', [['pgbouncer', 0.95]]),
    ...added('select-prepared-1', 'added p50, SELECT, prepared, 1 client', 1.5),
    ...added('select-simple-1', 'added p50, SELECT, simple, 1 client', 2.5),
    ...cpu('select-prepared-8', 1.5),
  ];
}
