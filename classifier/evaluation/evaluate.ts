/** Scores labelled data with a model and says what the scores are worth. */

import type { ExampleSource, SessionExample } from '../learning/examples.ts';
import { dataHash } from '../learning/train.ts';
import type { Scorer } from '../scorer.ts';
import { pathOf } from '../session/replay.ts';
import { evaluateSessions, evaluateStatements } from './figures.ts';
import { measureLatency } from './latency.ts';
import type { Report } from './report.ts';

export function evaluate(scorer: Scorer, source: ExampleSource, progress: (message: string) => void): Report {
  const examples = source.statements();
  const sessions = source.sessions();
  progress(`${examples.length} statements, ${sessions.length} sessions`);
  const logOdds = examples.map(({ sql }) => scorer.textLogOdds(scorer.facts(sql)));
  const paths = sessions.map(({ session }) => pathOf(scorer, session));
  const { facts, id } = scorer.files;
  const seen = facts.data.hash === dataHash(examples);
  return {
    title: `Risk model ${id} on ${source.name.split('/').at(-1)}`,
    notes: [
      seen
        ? 'The model was trained on these very statements: the figures below say nothing about new ones. See the report of its training.'
        : 'The model was not trained on these statements as a whole.',
      `Trained with seed ${facts.seed} on ${facts.data.harmless} harmless and ${facts.data.bad} bad statements.`,
    ],
    statements: bothLabels(examples, ({ bad }) => bad) ? evaluateStatements(examples, logOdds) : null,
    sessions: bothSessions(sessions)
      ? evaluateSessions(sessions, paths, facts.operatingPoints.sessions)
      : null,
    latency:
      examples.length === 0
        ? null
        : measureLatency(
            scorer,
            examples.map(({ sql }) => sql),
          ),
  };
}

const bothLabels = <Example>(examples: readonly Example[], isBad: (example: Example) => boolean): boolean =>
  examples.some(isBad) && !examples.every(isBad);

const bothSessions = (sessions: readonly SessionExample[]): boolean =>
  bothLabels(sessions, ({ bad }) => bad.length > 0);
