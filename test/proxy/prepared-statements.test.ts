import test from 'ava';
import { PreparedStatements } from '../../proxy/prepared-statements.ts';
import { unexamined } from '../../proxy/unexamined.ts';

const statement = (text: string) => ({ text, verdict: unexamined(text), recorded: null });
const portal = (text: string) => ({
  statement: statement(text),
  parameters: [],
  counter: { rows: 0 },
  approval: null,
});

test('a named statement is not replaced by a second Parse of its name', (t) => {
  const prepared = new PreparedStatements();
  prepared.prepare('s', statement('first'));
  const undo = prepared.prepare('s', statement('second'));
  t.is(prepared.statement('s')?.text, 'first');
  undo();
  t.is(prepared.statement('s')?.text, 'first');
});

test('the unnamed statement is replaced, and comes back if the Parse was skipped', (t) => {
  const prepared = new PreparedStatements();
  prepared.prepare('', statement('first'));
  const undo = prepared.prepare('', statement('second'));
  t.is(prepared.statement('')?.text, 'second');
  undo();
  t.is(prepared.statement('')?.text, 'first');
});

test('a skipped Close gives the name back, unless it was used again', (t) => {
  const prepared = new PreparedStatements();
  prepared.prepare('s', statement('first'));
  const undo = prepared.closeStatement('s');
  t.is(prepared.statement('s'), undefined);
  undo();
  t.is(prepared.statement('s')?.text, 'first');
  const late = prepared.closeStatement('s');
  prepared.prepare('s', statement('second'));
  late();
  t.is(prepared.statement('s')?.text, 'second');
});

test('DEALLOCATE ALL closes every statement', (t) => {
  const prepared = new PreparedStatements();
  prepared.prepare('a', statement('a'));
  prepared.prepare('b', statement('b'));
  const undo = prepared.closeStatement(null);
  t.is(prepared.statement('a'), undefined);
  t.is(prepared.statement('b'), undefined);
  undo();
  t.is(prepared.statement('b')?.text, 'b');
});

test('a name is uncertain beyond the Sync until its change has been answered', (t) => {
  const prepared = new PreparedStatements();
  prepared.prepare('s', statement('first'));
  t.false(prepared.uncertain('S', 's'), 'an error would skip what follows in the same segment too');
  prepared.segmentEnded();
  t.true(prepared.uncertain('S', 's'));
  t.false(prepared.uncertain('S', 'other'));
  t.false(prepared.uncertain('P', 's'));
  prepared.answered();
  t.false(prepared.uncertain('S', 's'));
});

test('after an unanswered DEALLOCATE ALL every statement name is uncertain, but no portal', (t) => {
  const prepared = new PreparedStatements();
  prepared.closeStatement(null);
  prepared.segmentEnded();
  t.true(prepared.uncertain('S', 'any'));
  t.false(prepared.uncertain('P', 'any'));
});

test('portals end with their transaction, a portal keeps its statement', (t) => {
  const prepared = new PreparedStatements();
  prepared.prepare('s', statement('first'));
  prepared.bind('p', { ...portal('first'), statement: prepared.statement('s')! });
  prepared.closeStatement('s');
  prepared.prepare('s', statement('second'));
  t.is(prepared.portal('p')?.statement.text, 'first');
  prepared.transactionEnded(prepared.segmentEnded());
  t.is(prepared.portal('p'), undefined);
});

test('a portal bound behind a Sync outlives the transaction which that Sync ended', (t) => {
  const prepared = new PreparedStatements();
  const ended = prepared.segmentEnded();
  prepared.bind('p', portal('x'));
  prepared.transactionEnded(ended);
  t.is(prepared.portal('p')?.statement.text, 'x');
});

test('fetches from one cursor count together, a new declaration counts anew unless it fails', (t) => {
  const prepared = new PreparedStatements();
  prepared.declareCursor('c');
  const [counter] = prepared.cursorCounters('c');
  counter!.rows += 7;
  t.deepEqual(prepared.cursorCounters('c'), [{ rows: 7 }]);
  const undo = prepared.declareCursor('c');
  t.deepEqual(prepared.cursorCounters('c'), [{ rows: 0 }]);
  undo();
  t.deepEqual(prepared.cursorCounters('c'), [{ rows: 7 }]);
});

test('there is an end to names, and to the texts behind them', (t) => {
  const many = new PreparedStatements();
  for (let i = 0; i < 20_000; i++) many.prepare(`s${i}`, statement('x'));
  t.false(many.full);
  many.prepare('one more', statement('x'));
  t.true(many.full);

  const long = new PreparedStatements();
  const text = 'x'.repeat(16 * 1024 * 1024);
  for (const name of ['a', 'b', 'c', 'd']) long.prepare(name, { ...statement('x'), text });
  t.false(long.full);
  const undo = long.prepare('e', statement('xx'));
  t.true(long.full);
  undo();
  long.closeStatement('a');
  t.false(long.full);
});
