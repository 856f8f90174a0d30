/** The project's own training set as a source by itself, for machines that have no other data. */
import type { ExampleSource } from './examples.ts';
import { ownSessions } from './own-sessions.ts';
import { Random } from './random.ts';
import { ownTrainingSet } from './training-set.ts';

export function ownSource(seed: number): ExampleSource {
  return {
    name: 'own training set',
    // Of one author, but of several kinds: folds go by these.
    statements: () => ownTrainingSet(seed).map((example) => ({ ...example, source: example.kind })),
    sessions: () => ownSessions(new Random(seed), 6),
  };
}
