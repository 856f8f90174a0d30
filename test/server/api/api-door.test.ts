import { createServer, request as httpRequest, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import anyTest, { type ExecutionContext, type TestFn } from 'ava';
import type { GrantTermsInput } from '../../../access/grant.ts';
import { ApiDoor } from '../../../server/api/api-door.ts';
import { Fixture, MINUTE } from '../../access/fixture.ts';

const test = anyTest as TestFn<{ fixture: Fixture }>;

test.before(async (t) => {
  t.context.fixture = await Fixture.start();
});
test.after.always(({ context }) => context.fixture?.stop());

/** A door, whose clock can be put forward, and somebody before it with a grant. */
async function doorFor(
  t: ExecutionContext<{ fixture: Fixture }>,
  limits: NonNullable<GrantTermsInput['limits']> = {},
) {
  let ahead = 0;
  const clock = { now: () => Date.now() + ahead, elapsed: () => performance.now() };
  const { access, rate, store } = t.context.fixture.process({ clock, grace: 10 * MINUTE });
  const door = new ApiDoor({
    handle: { access, rate },
    trail: { writable: true, append: () => {}, commit: () => true },
    mockSecret: new Uint8Array(32),
    perMinute: 6_000,
    refused: () => {},
  });
  const scope = [{ actions: ['score' as const], on: ['risk'] }];
  const terms = { principal: { id: 'alice' }, database: 'shop', scope, limits };
  const { grant, token } = await store.create(terms, MINUTE, 'test');
  const holder = await door.prove(await asking(t, `Bearer ${grant.id}.${token}`));
  const pass = (ms: number): void => {
    ahead += ms;
  };
  return { door, store, holder, grant, pass };
}

/** A request as a server has it. */
function asking(t: ExecutionContext, authorization: string): Promise<IncomingMessage> {
  return new Promise((resolve) => {
    const server = createServer((request, response) => {
      resolve(request);
      response.end();
    });
    t.teardown(() => server.close());
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      httpRequest({ port, host: '127.0.0.1', headers: { authorization }, agent: false }).end();
    });
  });
}

test('what is under way ends when its grant is revoked', async (t) => {
  const { door, store, holder, grant } = await doorFor(t);
  const session = await door.admit(holder, 'risk');
  t.is(session.ended(), null);
  await store.revoke(grant.id, 'a reviewer');
  for (let attempt = 0; attempt < 600 && session.ended() === null; attempt++) await sleep(50);
  t.like(session.ended(), { status: 401, code: 'revoked' });
  await session.leave(false);
});

test('what is under way ends when its grant expires, and nothing new begins', async (t) => {
  const { door, holder, pass } = await doorFor(t);
  const session = await door.admit(holder, 'risk');
  t.is(session.ended(), null);
  pass(MINUTE);
  t.like(session.ended(), { status: 401, code: 'expired' });
  await t.throwsAsync(door.admit(holder, 'risk'), { message: /expired/ });
  await session.leave(false);
});

test('a session takes a slot while it lasts; one that came to nothing takes no login', async (t) => {
  const { door, store, holder, grant } = await doorFor(t, { connections: 1 });
  const first = await door.admit(holder, 'risk');
  await t.throwsAsync(door.admit(holder, 'risk'), { message: /too many connections/ });
  await first.leave(false);
  await (await door.admit(holder, 'risk')).leave(true);
  t.is((await store.usage(grant.id)).logins, 1);
});
