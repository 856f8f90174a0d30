/** The corpus's results as a table. */
import type { CaseResult } from './corpus-case.ts';
import type { Kind } from './corpus-runner.ts';

export interface ClassReport {
  readonly kind: Kind;
  readonly class: string;
  readonly cases: number;
  /** Attacks refused; benign cases that worked. */
  readonly right: number;
  readonly allowed: number;
  readonly falselyDenied: number;
  readonly faults: readonly { readonly id: string; readonly faults: readonly string[] }[];
}

export function reportOf(kind: Kind, results: readonly CaseResult[]): ClassReport {
  const count = (value: (result: CaseResult) => number): number =>
    results.reduce((sum, result) => sum + value(result), 0);
  return {
    kind,
    class: results[0]?.class ?? '',
    cases: results.length,
    right: count(({ right }) => (right ? 1 : 0)),
    allowed: count(({ allowed, falselyDenied }) => allowed - falselyDenied),
    falselyDenied: count(({ falselyDenied }) => falselyDenied),
    faults: results.filter(({ faults }) => faults.length > 0).map(({ id, faults }) => ({ id, faults })),
  };
}

const HEADINGS = {
  attacks: ['attacks', 'cases', 'blocked', 'twins allowed', 'false-denied'],
  benign: ['benign', 'cases', 'allowed', '', 'false-denied'],
} as const;

/** Markdown. */
export function tableOf(kind: Kind, reports: readonly ClassReport[]): string {
  const rows = [...reports, total(kind, reports)].map((report) => cellsOf(kind, report));
  const headings: readonly string[] = HEADINGS[kind].filter((heading) => heading !== '');
  return [headings, headings.map((_, index) => (index === 0 ? '---' : '---:')), ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
}

function cellsOf(kind: Kind, report: ClassReport): readonly string[] {
  const { class: name, cases, right, allowed, falselyDenied } = report;
  const counts = kind === 'attacks' ? [cases, right, allowed, falselyDenied] : [cases, right, falselyDenied];
  return [name, ...counts.map(String)];
}

function total(kind: Kind, reports: readonly ClassReport[]): ClassReport {
  const sum = (key: 'cases' | 'right' | 'allowed' | 'falselyDenied'): number =>
    reports.reduce((so, report) => so + report[key], 0);
  return {
    kind,
    class: '**all**',
    cases: sum('cases'),
    right: sum('right'),
    allowed: sum('allowed'),
    falselyDenied: sum('falselyDenied'),
    faults: [],
  };
}
