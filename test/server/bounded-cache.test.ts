import test from 'ava';
import fc from 'fast-check';
import { BoundedCache } from '../../server/bounded-cache.ts';

const MOST = 10;
const LENGTH = 320;

test('what was set last is what is found, or nothing is; no more is kept than the bounds allow', (t) => {
  const key = fc.string({ minLength: 0, maxLength: 30 });
  const step = fc.record({ key, value: fc.option(fc.nat()) });
  t.notThrows(() =>
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const cache = new BoundedCache<number>(MOST, LENGTH);
        const model = new Map<string, number>();
        for (const { key, value } of steps) {
          if (value === null) {
            const found = cache.get(key);
            if (found !== undefined && found !== model.get(key)) return false;
          } else {
            cache.set(key, value);
            cache.set(key, value);
            model.set(key, value);
            if (key.length * 16 <= LENGTH && cache.get(key) !== value) return false;
          }
        }
        const kept = [...model.keys()].filter((each) => cache.get(each) !== undefined);
        return kept.length <= MOST && kept.join('').length <= LENGTH;
      }),
    ),
  );
});

test('what is asked for stays, what is not goes', (t) => {
  const cache = new BoundedCache<number>(MOST, LENGTH);
  for (const _ of ['once', 'twice']) {
    cache.set('used', 1);
    cache.set('unused', 2);
  }
  for (let n = 0; n < 3 * MOST; n++) {
    cache.set(`${n}`, n);
    cache.set(`${n}`, n);
    t.is(cache.get('used'), 1);
  }
  t.is(cache.get('unused'), undefined);
});

test('what comes once is not kept, and drives nothing out', (t) => {
  const cache = new BoundedCache<number>(MOST, LENGTH);
  cache.set('kept', 1);
  t.is(cache.get('kept'), undefined);
  cache.set('kept', 1);
  t.is(cache.get('kept'), 1);
  for (let n = 0; n < 100 * MOST; n++) cache.set(`${n}`, n);
  t.is(cache.get('kept'), 1);
  t.is(cache.get('999'), undefined);
  cache.set('kept', 2);
  t.is(cache.get('kept'), 2);
});

test('a text too long to be worth its place is not kept', (t) => {
  const cache = new BoundedCache<number>(MOST, LENGTH);
  cache.set('x'.repeat(LENGTH / 16 + 1), 1);
  t.is(cache.get('x'.repeat(LENGTH / 16 + 1)), undefined);
  cache.set('x'.repeat(LENGTH / 16), 1);
  cache.set('x'.repeat(LENGTH / 16), 1);
  t.is(cache.get('x'.repeat(LENGTH / 16)), 1);
});
