import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { GrantFormError } from '../../access/grant.ts';
import { MAX_TTL } from '../../access/grant-store.ts';
import { grantKeys } from '../../access/redis.ts';
import { TamperedGrantError } from '../../access/sealed-grant.ts';
import { causeOf, Fixture, MINUTE, terms } from './fixture.ts';

let fixture: Fixture;
test.before(async () => {
  fixture = await Fixture.start();
});
test.after.always(() => fixture.stop());

test('what is created is what is read, and is in the trail', async (t) => {
  const { store } = fixture.process();
  const { grant } = await store.create(terms({ rows: 5 }), MINUTE, 'carol');
  t.is(Date.parse(grant.expiresAt) - Date.parse(grant.issuedAt), MINUTE);
  t.deepEqual((await store.get(grant.id))?.grant, grant);
  t.deepEqual(
    (await store.list()).grants.find(({ id }) => id === grant.id),
    grant,
  );
  t.like(
    fixture.events.find((event) => event.type === 'grant.create' && event.grant === grant.id),
    {
      principal: 'alice',
      by: 'carol',
      expiresAt: grant.expiresAt,
    },
  );
});

test('a grant lives in Redis exactly as long as it is to', async (t) => {
  const { store } = fixture.process();
  const { grant } = await store.create(terms(), MINUTE, 'carol');
  const { grant: key, usage } = grantKeys(grant.id);
  t.is(await fixture.client.pexpiretime(key), Date.parse(grant.expiresAt));
  t.is(await fixture.client.pexpiretime(usage), Date.parse(grant.expiresAt));
});

test('neither the token nor the signing key is in Redis or in the trail', async (t) => {
  const { store } = fixture.process();
  const { token } = await store.create(terms(), MINUTE, 'carol');
  const dumps: string[] = [JSON.stringify(fixture.events)];
  for (const key of await fixture.client.keys('*')) {
    dumps.push(key, (await fixture.client.dumpBuffer(key))?.toString('latin1') ?? '');
  }
  const kept = dumps.join('\n');
  t.true(kept.includes('SCRAM-SHA-256$4096'), 'the dump can be searched');
  t.false(kept.includes(token));
  t.false(kept.includes(token.slice(4)));
  t.false(kept.includes('signing key of the tests'));
});

test('a revoked grant is gone, in the trail, and can not be revoked again', async (t) => {
  const { store } = fixture.process();
  const { grant } = await store.create(terms(), MINUTE, 'carol');
  t.true(await store.revoke(grant.id, 'bob'));
  t.is(await store.get(grant.id), null);
  t.false((await store.list()).grants.some(({ id }) => id === grant.id));
  t.false(await store.revoke(grant.id, 'bob'));
  const revocations = fixture.events.filter(
    (event) => event.type === 'grant.revoke' && event.grant === grant.id,
  );
  t.deepEqual(revocations, [{ type: 'grant.revoke', grant: grant.id, by: 'bob' }]);
});

test('an expired grant is gone', async (t) => {
  const { store } = fixture.process();
  const { grant } = await store.create(terms(), 1000, 'carol');
  await sleep(1100);
  t.is(await store.get(grant.id), null);
  t.false((await store.list()).grants.some(({ id }) => id === grant.id));
  t.truthy(await store.getPast(grant.id));
});

test('a grant that is not in the trail is not made', async (t) => {
  const { store } = fixture.process({
    record: () => {
      throw new Error('disk full');
    },
  });
  const unseen = { ...terms(), principal: { id: 'unrecorded' } };
  await t.throwsAsync(store.create(unseen, MINUTE, 'carol'), { message: 'disk full' });
  t.false((await store.list()).grants.some(({ principal }) => principal.id === 'unrecorded'));
});

test('terms and lifetimes are checked before anything is kept', async (t) => {
  const { store } = fixture.process();
  await t.throwsAsync(store.create({ ...terms(), scope: [] }, MINUTE, 'carol'), {
    instanceOf: GrantFormError,
  });
  for (const ttl of [0, -1, 999, Number.NaN, MAX_TTL + 1, Number.POSITIVE_INFINITY]) {
    await t.throwsAsync(store.create(terms(), ttl, 'carol'), { instanceOf: RangeError });
  }
});

for (const id of ['', 'nosuchid', 'G7K2M9QD', 'a}:grant', '../../x', '*', 'postern:', 'a'.repeat(9)]) {
  test(`there is no grant "${id}"`, async (t) => {
    const { store, access } = fixture.process();
    t.is(await store.get(id), null);
    t.is(await access.find(id), null);
    t.false(await store.revoke(id, 'bob'));
  });
}

type Document = { grant: Record<string, unknown>; verifier: string };
const stronger = { actions: ['admin'], on: ['*'] };

/** Every field of what is signed, changed by somebody who can write to Redis. */
const forgeries: Readonly<Record<string, (document: Document) => void>> = {
  id: ({ grant }) => Object.assign(grant, { id: 'g0000000' }),
  principal: ({ grant }) => Object.assign(grant, { principal: { id: 'mallory', teams: [] } }),
  teams: ({ grant }) => Object.assign(grant, { principal: { id: 'alice', teams: ['dba'] } }),
  database: ({ grant }) => Object.assign(grant, { database: 'hr' }),
  scope: ({ grant }) => (grant.scope as unknown[]).push(stronger),
  limits: ({ grant }) => Object.assign(grant.limits as object, { rows: null }),
  from: ({ grant }) => Object.assign(grant.limits as object, { from: ['0.0.0.0/0'] }),
  outOfScope: ({ grant }) => Object.assign(grant, { outOfScope: 'hold' }),
  reason: ({ grant }) => Object.assign(grant, { reason: 'because' }),
  ticket: ({ grant }) => Object.assign(grant, { ticket: null }),
  approvedBy: ({ grant }) => Object.assign(grant, { approvedBy: ['the boss'] }),
  issuedAt: ({ grant }) => Object.assign(grant, { issuedAt: '2020-01-01T00:00:00.000Z' }),
  expiresAt: ({ grant }) => Object.assign(grant, { expiresAt: '2099-01-01T00:00:00.000Z' }),
  'the order of keys': (document) =>
    Object.assign(document, { grant: { ...document.grant, at: 0, id: document.grant.id } }),
};

test('the forgeries below cover every field of a grant', async (t) => {
  const { store } = fixture.process();
  const { grant } = await store.create(terms(), MINUTE, 'carol');
  t.deepEqual(
    Object.keys(grant).filter((field) => !(field in forgeries)),
    [],
  );
});

for (const [field, forge] of Object.entries(forgeries)) {
  test(`a changed field is refused as tampered: ${field}`, async (t) => {
    const handle = fixture.process();
    const { grant } = await handle.store.create(terms({ from: ['10.0.0.0/8'], rows: 5 }), MINUTE, 'carol');
    const { grant: key } = grantKeys(grant.id);
    const document: Document = JSON.parse((await fixture.client.hget(key, 'document'))!);
    forge(document);
    await fixture.client.hset(key, 'document', JSON.stringify(document));
    t.is(causeOf(await fixture.enter(handle, grant.id)), 'tampered');
    await t.throwsAsync(handle.store.get(grant.id), { instanceOf: TamperedGrantError });
    t.true((await handle.store.list()).tampered.includes(grant.id));
  });
}

test('the verifier of another token is refused as tampered', async (t) => {
  const handle = fixture.process();
  const [mine, theirs] = await Promise.all([1, 2].map(() => handle.store.create(terms(), MINUTE, 'carol')));
  const documentOf = async (id: string): Promise<Document> =>
    JSON.parse((await fixture.client.hget(grantKeys(id).grant, 'document'))!);
  const document = await documentOf(theirs!.grant.id);
  document.verifier = (await documentOf(mine!.grant.id)).verifier;
  await fixture.client.hset(grantKeys(theirs!.grant.id).grant, 'document', JSON.stringify(document));
  t.is(causeOf(await fixture.enter(handle, theirs!.grant.id)), 'tampered');
});

test('a signed grant under another id is refused as tampered', async (t) => {
  const handle = fixture.process();
  const { grant } = await handle.store.create(terms(), MINUTE, 'carol');
  for (const what of ['grant', 'usage'] as const) {
    await fixture.client.copy(grantKeys(grant.id)[what], grantKeys('g0000001')[what]);
  }
  t.is(causeOf(await fixture.enter(handle, 'g0000001')), 'tampered');
});

test('what is kept of a revoked grant makes no grant of it again', async (t) => {
  const handle = fixture.process();
  const { grant } = await handle.store.create(terms(), MINUTE, 'carol');
  const { grant: key, past } = grantKeys(grant.id);
  await handle.store.revoke(grant.id, 'bob');
  await fixture.client.copy(past, key);
  t.is(causeOf(await fixture.enter(handle, grant.id)), 'tampered');
});

test('a grant of an issuer with another key is refused as tampered', async (t) => {
  const other = fixture.process({ signingKey: 'another key of at least 32 characters' });
  const { grant } = await other.store.create(terms(), MINUTE, 'mallory');
  t.is(causeOf(await fixture.enter(fixture.process(), grant.id)), 'tampered');
});

const vandalism: Readonly<Record<string, (key: string) => Promise<unknown>>> = {
  'without a signature': (key) => fixture.client.hdel(key, 'signature'),
  'with an empty signature': (key) => fixture.client.hset(key, 'signature', ''),
  'without a document': (key) => fixture.client.hdel(key, 'document'),
  'that is no JSON': (key) => fixture.client.hset(key, 'document', '{'),
  'of another type': (key) => fixture.client.set(key, 'x'),
};
for (const [what, vandalise] of Object.entries(vandalism)) {
  test(`a grant ${what} is refused as tampered`, async (t) => {
    const handle = fixture.process();
    const { grant } = await handle.store.create(terms(), MINUTE, 'carol');
    await vandalise(grantKeys(grant.id).grant);
    t.is(causeOf(await fixture.enter(handle, grant.id)), 'tampered');
    t.true(fixture.warnings.some((warning) => warning.includes(grant.id)));
  });
}

test('a grant whose counters were deleted admits nobody: its limits could not be kept', async (t) => {
  const handle = fixture.process();
  const { grant } = await handle.store.create(terms({ logins: 1 }), MINUTE, 'carol');
  t.is(causeOf(await fixture.enter(handle, grant.id)), 'admitted');
  await fixture.client.del(grantKeys(grant.id).usage);
  t.is(causeOf(await fixture.enter(handle, grant.id)), 'tampered');
});
