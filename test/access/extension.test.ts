/** A grant whose end moves on: its token and its sessions live on, and nobody moves it back or further. */
import test from 'ava';
import { NotHolderError } from '../../access/grant-store.ts';
import { systemClock } from '../../access/open-sessions.ts';
import { admitted, causeOf, eventually, Fixture, MINUTE, terms } from './fixture.ts';

let fixture: Fixture;
test.before(async () => {
  fixture = await Fixture.start();
});
test.after.always(() => fixture.stop());

const HOUR = 60 * MINUTE;
const by = { request: 'r0000001', approvedBy: ['dana'] };
const later = (ms: number) => ({ ...by, until: Date.now() + ms });
const keyOf = (id: string): string => `postern:{${id}}:grant`;

/** A process whose wall clock goes before that of the others. */
function early() {
  let ahead = 0;
  const handle = fixture.process({ clock: { ...systemClock, now: () => Date.now() + ahead } });
  return {
    handle,
    goTo: (ms: number) => {
      ahead = ms;
    },
  };
}

async function make(ttl = MINUTE) {
  const { handle, goTo } = early();
  const { grant } = await handle.store.create(terms(), ttl, 'bob');
  return { handle, goTo, id: grant.id, store: handle.store };
}

test('open sessions live on to the new end, on every node, and end there', async (t) => {
  const one = await make();
  const two = early();
  const ends: string[] = [];
  const sessions = [];
  for (const { handle } of [one, two])
    sessions.push(admitted(await fixture.enter(handle, one.id, (reason) => ends.push(reason))));
  const extended: string[] = [];
  for (const { handle } of [one, two]) handle.access.onExtended(({ id }) => extended.push(id));
  const grant = await fixture.process().store.extend(one.id, later(HOUR), 'dana');
  t.deepEqual(grant?.approvedBy, ['bob', 'dana']);
  await eventually(() => extended.length === 2);
  one.goTo(2 * MINUTE);
  two.goTo(2 * MINUTE);
  t.deepEqual(
    sessions.map((session) => session.live()),
    [true, true],
  );
  admitted(await fixture.enter(one.handle, one.id));
  t.deepEqual(ends, []);
  one.goTo(2 * HOUR);
  two.goTo(2 * HOUR);
  t.deepEqual(
    sessions.map((session) => session.live()),
    [false, false],
  );
  await eventually(() => ends.length === 2);
  t.deepEqual(ends, ['expired', 'expired']);
  t.like(
    fixture.events.find((event) => event.type === 'grant.extend' && event.grant === one.id),
    { by: 'dana', request: 'r0000001', expiresAt: grant!.expiresAt },
  );
});

test('what a grant has taken, and who is connected, lasts as long as the grant', async (t) => {
  const { handle, id, store } = await make();
  admitted(await fixture.enter(handle, id));
  const grant = await store.extend(id, later(HOUR), 'dana');
  const until = Date.parse(grant!.expiresAt);
  for (const what of ['grant', 'usage', 'sessions', 'who'])
    t.is(await fixture.client.pexpiretime(`postern:{${id}}:${what}`), until, what);
  t.is((await store.usage(id)).logins, 1);
});

test('a login that is under way when the grant is extended is let in', async (t) => {
  const { handle, id, store } = await make();
  const ticket = await handle.access.find(id);
  if (ticket === null || 'cause' in ticket) return t.fail();
  await store.extend(id, later(HOUR), 'dana');
  const session = admitted(await handle.access.admit(ticket, fixture.login(id), () => undefined));
  t.true(session.live());
  admitted(await fixture.enter(handle, id));
});

test('the document before an extension, put back, ends the sessions and lets nobody in', async (t) => {
  const { handle, id, store } = await make();
  const before = await fixture.client.hgetall(keyOf(id));
  await store.extend(id, later(HOUR), 'dana');
  const ends: string[] = [];
  const session = admitted(await fixture.enter(handle, id, (reason) => ends.push(reason)));
  await fixture.client.hset(keyOf(id), before);
  t.not(causeOf(await fixture.enter(handle, id)), 'admitted');
  await eventually(() => ends.length === 1);
  t.deepEqual(ends, ['revoked']);
  t.false(session.live());
});

test('an end that nobody has signed, or of another grant, is none', async (t) => {
  const { handle, id, store } = await make();
  const other = await make(HOUR);
  const ends: string[] = [];
  for (let round = 0; round < 2; round++)
    admitted(await fixture.enter(handle, id, (reason) => ends.push(reason)));
  const own = await fixture.client.hgetall(keyOf(id));
  const { grant } = (await store.get(id))!;
  await fixture.client.hset(keyOf(id), {
    ...own,
    document: own.document!.replace(grant.expiresAt, '2099-01-01T00:00:00.000Z'),
    signature: 'x',
  });
  await eventually(() => ends.length === 2);
  const stranger = admitted(await fixture.enter(other.handle, other.id, (reason) => ends.push(reason)));
  const third = await make(2 * HOUR);
  await fixture.client.hset(keyOf(other.id), await fixture.client.hgetall(keyOf(third.id)));
  await eventually(() => ends.length === 3);
  t.false(stranger.live());
});

test('an end is only moved on, and not beyond what a grant may live', async (t) => {
  const { id, store } = await make(HOUR);
  const { grant } = (await store.get(id))!;
  t.deepEqual(await store.extend(id, later(MINUTE), 'dana'), grant);
  await t.throwsAsync(store.extend(id, later(400 * 24 * HOUR), 'dana'), { instanceOf: RangeError });
  t.deepEqual((await store.get(id))?.grant, grant);
  const ends = await Promise.all([2, 5, 3, 4].map((hours) => store.extend(id, later(hours * HOUR), 'dana')));
  t.true(ends.every((end) => end !== null));
  const until = Date.parse((await store.get(id))!.grant.expiresAt);
  t.true(until - Date.now() > 4 * HOUR, 'the last of them all');
});

test('what is over is not extended, whoever is faster', async (t) => {
  const { store } = await make();
  t.is(await store.extend('nobody00', later(HOUR), 'dana'), null);
  const outcomes = await Promise.all(
    Array.from({ length: 12 }, async () => {
      const { id } = await make();
      await Promise.all([store.extend(id, later(HOUR), 'dana'), store.revoke(id, 'bob')]);
      return await store.get(id);
    }),
  );
  t.true(outcomes.every((grant) => grant === null));
});

test('what cannot be recorded is not extended', async (t) => {
  const { id, store } = await make();
  const mute = fixture.process({
    record: () => {
      throw new Error('the disk is full');
    },
  });
  const before = (await store.get(id))?.grant;
  await t.throwsAsync(mute.store.extend(id, later(HOUR), 'dana'), { message: /disk/ });
  t.deepEqual((await store.get(id))?.grant, before);
});

test('its holder gives it back: sessions end at once; nobody else does', async (t) => {
  const { handle, id, store } = await make();
  const ends: string[] = [];
  admitted(await fixture.enter(handle, id, (reason) => ends.push(reason)));
  await t.throwsAsync(store.giveBack(id, 'bob'), { instanceOf: NotHolderError });
  t.true(await store.giveBack(id, 'alice'));
  await eventually(() => ends.length === 1);
  t.false(await store.giveBack(id, 'alice'));
  t.is(await store.get(id), null);
  t.deepEqual(
    fixture.events.filter((event) => event.type === 'grant.return' && event.grant === id),
    [{ type: 'grant.return', grant: id, by: 'alice' }],
  );
});
