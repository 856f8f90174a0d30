import type { Plan } from './plan.ts';

/** Something that is measured on its own, and has a page of its own among the results. */
export interface Part {
  /** Of its directory under the results, and for --only. */
  readonly name: string;
  readonly title: string;
  /** Seconds that it takes, about. */
  estimate(plan: Plan): number;
  /** After each of its workloads a page with all that is known by then, so that an interrupted run leaves a whole one. */
  run(plan: Plan, say: Say): AsyncIterable<Page>;
}

/** One line on how far it has come. */
export type Say = (line: string) => void;

export interface Page {
  /** Sections from the second level on; the first line, the machine and the date are added. */
  readonly markdown: string;
  /** SVG by the name of the file. */
  readonly plots: Readonly<Record<string, string>>;
  /** What the page was made from. */
  readonly data: object;
  readonly marks: readonly Mark[];
  /** For the front page: sentences on what was found, where there is no mark. */
  readonly findings?: readonly string[];
}

/** Something that was promised of a figure. */
export interface Mark {
  readonly subject: string;
  readonly relation: 'at least' | 'at most';
  readonly asked: number;
  /** null: a target that it needs was not there. */
  readonly measured: number | null;
  /** Comes after the number: `x PgBouncer`, `KiB`. */
  readonly unit: string;
}

/** null: it was not measured. */
export function isMet({ relation, asked, measured }: Mark): boolean | null {
  if (measured === null) return null;
  return relation === 'at least' ? measured >= asked : measured <= asked;
}

/** NaN is what was not measured. */
export function mark(
  subject: string,
  relation: Mark['relation'],
  asked: number,
  measured: number,
  unit: string,
): Mark {
  return { subject, relation, asked, measured: Number.isFinite(measured) ? measured : null, unit };
}
