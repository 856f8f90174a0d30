import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { hear, inCompany, passOnLater, turn } from '../../proxy/turns.ts';

/** ms for which somebody who has sent something is company. */
const COMPANY = 50;

test.serial('who is alone is not in company, however much they send', async (t) => {
  const me = {};
  hear(me);
  await sleep(COMPANY + 1);
  hear(me);
  t.false(inCompany(me));
  t.true(inCompany({}));
});

test.serial('whoever sends is company to all others for a while', async (t) => {
  const [me, other] = [{}, {}];
  hear(other);
  hear(me);
  t.true(inCompany(me));
  t.true(inCompany(other));
  await sleep(COMPANY + 1);
  t.false(inCompany(me));
});

test.serial('turns come one by one, in the order in which they were asked for', async (t) => {
  const came: number[] = [];
  for (const number of [1, 2, 3]) void turn({}, false).then(() => came.push(number));
  for (let passed = 0; passed <= 3; passed++) {
    t.deepEqual(came, [1, 2, 3].slice(0, passed));
    await setImmediate();
  }
});

test.serial(
  'answers are passed on at the end of the turn in which they came, those of the next with that',
  async (t) => {
    const passed: number[] = [];
    const next = { passOn: () => passed.push(3) };
    passOnLater({ passOn: () => passed.push(1) });
    passOnLater({
      passOn: () => {
        passed.push(2);
        passOnLater(next);
      },
    });
    await Promise.resolve();
    t.deepEqual(passed, []);
    await setImmediate();
    t.deepEqual(passed, [1, 2]);
    await setImmediate();
    t.deepEqual(passed, [1, 2, 3]);
  },
);

test.serial('a bulk has its next turn after a rest in company, and at once without', async (t) => {
  const [me, other] = [{}, {}];
  await sleep(COMPANY + 1);
  await atOnce(turn(me, true));
  hear(other);
  const since = performance.now();
  for (let turns = 0; turns < 20; turns++) await turn(me, true);
  t.true(performance.now() - since > 10);
});

test.serial('a piece does not wait for the rests of bulks', async (t) => {
  hear({});
  let rested = 0;
  const rests = Array.from({ length: 20 }, () => turn({}, true).then(() => rested++));
  await turn({}, false);
  t.true(rested <= 2, `${rested} bulks went first`); // no more than one in a turn of the event loop
  await Promise.all(rests);
});

async function atOnce(what: Promise<void>): Promise<void> {
  const late = Symbol();
  if ((await Promise.race([what, after(late)])) === late) throw new Error('it came late');
}

async function after<T>(value: T): Promise<T> {
  for (let turns = 0; turns < 2; turns++) await setImmediate();
  return value;
}
