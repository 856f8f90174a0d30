import test from 'ava';
import { COPY_END, DESCRIBE, entry, Pipeline } from '../../proxy/pipeline.ts';

const SYNC = entry('sync');

function filled(...items: ReturnType<typeof entry>[]): Pipeline {
  const pipeline = new Pipeline();
  for (const item of items) pipeline.push(item);
  return pipeline;
}

test('replies belong to the oldest message', (t) => {
  const parse = entry('parse');
  const bind = entry('bind');
  const pipeline = filled(parse, bind, SYNC);
  t.is(pipeline.head, parse);
  t.is(pipeline.shift(), parse);
  t.is(pipeline.head, bind);
  t.is(pipeline.size, 2);
});

test('an error ends everything up to its Sync, which stays', (t) => {
  const items = [entry('parse'), entry('bind'), entry('execute')];
  const later = entry('bind');
  const pipeline = filled(...items, SYNC, later);
  t.deepEqual(pipeline.fail(), items);
  t.is(pipeline.head, SYNC);
  t.false(pipeline.skipping);
  pipeline.shift();
  t.is(pipeline.head, later);
});

test('without a Sync yet, what follows an error is skipped until there is one', (t) => {
  const pipeline = filled(entry('bind'), entry('execute'));
  t.is(pipeline.fail().length, 2);
  t.true(pipeline.skipping);
  pipeline.push(SYNC);
  t.false(pipeline.skipping);
});

test('an error in a Query, or at Sync, leaves it to its ReadyForQuery', (t) => {
  for (const item of [entry('query'), SYNC]) {
    const pipeline = filled(item, entry('bind'));
    t.deepEqual(pipeline.fail(), []);
    t.is(pipeline.head, item);
    t.false(pipeline.skipping);
  }
});

test('Syncs sent while COPY FROM STDIN is open are never answered', (t) => {
  const copy = entry('execute');
  const pipeline = filled(copy, SYNC, SYNC);
  pipeline.copyInStarted();
  t.true(pipeline.copyIn);
  t.is(pipeline.size, 1);
  pipeline.push(SYNC);
  t.is(pipeline.size, 1);
  pipeline.push(COPY_END);
  pipeline.push(SYNC);
  t.is(pipeline.shift(), copy);
  t.is(pipeline.head, SYNC);
});

test('a Sync sent behind the end of the copy is answered, even if the copy had not begun then', (t) => {
  const pipeline = filled(entry('execute'), SYNC, COPY_END, SYNC, DESCRIBE);
  pipeline.copyInStarted();
  t.false(pipeline.copyIn);
  pipeline.shift();
  t.is(pipeline.head, SYNC);
  pipeline.shift();
  t.is(pipeline.head, DESCRIBE);
});

test('an error ends an open copy', (t) => {
  const pipeline = filled(entry('execute'));
  pipeline.copyInStarted();
  pipeline.fail();
  t.false(pipeline.copyIn);
  pipeline.push(SYNC);
  t.is(pipeline.head, SYNC);
});

test('the end of a copy that never was is nothing', (t) => {
  const pipeline = filled(COPY_END, SYNC);
  t.is(pipeline.head, SYNC);
});

test('a long pipeline keeps its order', (t) => {
  const pipeline = new Pipeline();
  const items = Array.from({ length: 5000 }, () => entry('bind'));
  for (const item of items) pipeline.push(item);
  for (const item of items) t.is(pipeline.shift(), item);
  t.is(pipeline.shift(), undefined);
  t.is(pipeline.size, 0);
});
