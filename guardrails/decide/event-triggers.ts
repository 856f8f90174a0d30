/** Event triggers: code that runs on DDL, whoever is granted that. */
import type { StatementFacts } from '../facts.ts';
import { judgeBody } from './implicit.ts';
import type { Judge } from './judge.ts';

/** Commands that fire event triggers without changing what our catalog is made of (manual, "Event Trigger Firing Matrix"). */
const OTHERS: ReadonlySet<string> = new Set([
  'COMMENT',
  'REFRESH MATERIALIZED VIEW',
  'REINDEX',
  'SECURITY LABEL',
]);

export const firesEventTriggers = ({ tag, effects }: StatementFacts): boolean =>
  effects.changesCatalog || OTHERS.has(tag);

/** All of them count: which commands one waits for is not looked at. */
export function judgeEventTriggers(judge: Judge): void {
  for (const { name, function: routine } of judge.catalog.eventTriggers)
    judgeBody(judge, routine, `the event trigger ${name} calls it`);
}
