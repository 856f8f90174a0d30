/** What means nothing to PostgreSQL means nothing to the model: case, blanks, names, notes of tools, values. */
import test from 'ava';
import { logOddsAt } from '../../classifier/alert-budget.ts';
import { bagOf } from '../../classifier/features/bag.ts';
import { factsOf, rowOf, STATEMENT_FEATURE_NAMES } from '../../classifier/features/statement-features.ts';
import { Random } from '../../classifier/learning/random.ts';
import { ownTrainingSet } from '../../classifier/learning/training-set.ts';
import { openScorer } from '../../classifier/scorer.ts';
import { recased, remarked, renamed, respaced, revalued } from './respell.ts';

/** Comments are left alone: in between words they are no mere blanks to the model. */
const statements = ownTrainingSet(1)
  .filter((_, index) => index % 3 === 0)
  .map(({ sql }) => factsOf(sql))
  .filter(
    ({ statements: parsed, tokens }) => parsed !== null && tokens.every(({ kind }) => kind !== 'comment'),
  );

const ways: Readonly<Record<string, (facts: (typeof statements)[number], random: Random) => string>> = {
  'other case': ({ sql }, random) => recased(sql, random),
  'other blanks': ({ sql }, random) => respaced(sql, random),
  'other names': ({ sql, names }, random) => renamed(sql, names, random),
  'notes and semicolons': ({ sql }, random) => remarked(sql, random),
  'all of it': ({ sql, names }, random) =>
    remarked(respaced(recased(renamed(sql, names, random), random), random), random),
};

for (const [way, respelled] of Object.entries(ways))
  test(`${way}: features and wording stay as they are`, (t) => {
    const random = new Random(11);
    t.true(statements.length > 500);
    for (const facts of statements) {
      const other = factsOf(respelled(facts, random));
      const [before, after] = [rowOf(facts), rowOf(other)];
      const moved = STATEMENT_FEATURE_NAMES.filter((_, at) => before[at] !== after[at]);
      const wording = bagOf(facts.tokens, facts.names).join() === bagOf(other.tokens, other.names).join();
      if (moved.length > 0 || !wording) t.fail(`${moved.join()}\n${facts.sql}\n${other.sql}`);
    }
  });

test('other values raise no alarm and take none away, but for one statement in two hundred', async (t) => {
  const scorer = await openScorer();
  const limit = logOddsAt(scorer.files.facts.operatingPoints.statements, 0.01);
  const random = new Random(12);
  const changed = statements.filter((facts) => {
    const other = scorer.facts(revalued(facts.sql, random));
    return scorer.textLogOdds(facts) >= limit !== scorer.textLogOdds(other) >= limit;
  });
  t.true(changed.length * 200 <= statements.length, changed.map(({ sql }) => sql).join('\n'));
});
