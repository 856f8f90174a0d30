import anyTest, { type TestFn } from 'ava';
import { type Attempt, LoginPace } from '../../../access/accounts/login-pace.ts';
import { Signer } from '../../../access/signing.ts';
import { Fixture, SIGNING_KEY } from '../fixture.ts';

const test = anyTest as TestFn<{ fixture: Fixture; pace: LoginPace }>;

test.before(async (t) => {
  const fixture = await Fixture.start();
  t.context.fixture = fixture;
  t.context.pace = new LoginPace(fixture.client, new Signer(SIGNING_KEY));
});
test.after.always(({ context }) => context.fixture?.stop());

const from = (address: string, account: string, mark?: string): Attempt => ({ account, address, mark });

/** Whether as many may be tried at once, and no more than come with time: one every `interval` ms. */
async function burstIs(
  expected: number,
  interval: number,
  { pace, attempt }: { pace: LoginPace; attempt: (nth: number) => Attempt },
): Promise<boolean> {
  const begun = performance.now();
  let tries = 0;
  while ((await pace.take(attempt(tries))) === 0) tries++;
  return tries >= expected && tries <= expected + 1 + (performance.now() - begun) / interval;
}

test('one address has few tries of an account, and takes none of those that others have', async (t) => {
  const { pace } = t.context;
  t.true(await burstIs(5, 60_000, { pace, attempt: () => from('10.0.0.1', 'alice') }));
  const wait = await pace.take(from('10.0.0.1', 'alice'));
  t.true(wait > 0 && wait <= 60_000, 'nobody waits for longer than a minute');
  t.is(await pace.take(from('10.0.0.2', 'alice')), 0);
  t.is(await pace.take(from('10.0.0.1', 'bob')), 0);
});

test('many addresses together are slowed down, but not the browsers of its person', async (t) => {
  const { pace } = t.context;
  const mark = await pace.forget(from('10.1.0.1', 'carol'));
  t.true(await burstIs(20, 10_000, { pace, attempt: (nth) => from(`10.1.1.${nth}`, 'carol') }));
  t.is(await pace.take(from('10.1.0.9', 'carol', mark)), 0);
  for (const other of [`${mark}x`, mark.slice(1), 'x', '.', await pace.forget(from('10.1.0.1', 'dave'))])
    t.true((await pace.take(from('10.1.2.1', 'carol', other))) > 0, other);
  const stolen = { pace, attempt: () => from('10.1.0.9', 'carol', mark) };
  t.true(await burstIs(4, 60_000, stolen), 'a stolen mark guesses slowly, too');
});

test('one address that tries many accounts is slowed down', async (t) => {
  const { pace } = t.context;
  t.true(await burstIs(30, 2_000, { pace, attempt: (nth) => from('10.2.0.1', `user${nth}`) }));
});

test('a right password makes up for the wrong ones before it, of the same kind only', async (t) => {
  const { pace } = t.context;
  const mark = await pace.forget(from('10.3.0.1', 'erin'));
  t.true(await burstIs(5, 60_000, { pace, attempt: () => from('10.3.0.1', 'erin') }));
  await pace.forget(from('10.3.0.1', 'erin', mark));
  t.true((await pace.take(from('10.3.0.1', 'erin'))) > 0, 'her login lets no one else guess on');
  await pace.forget(from('10.3.0.1', 'erin'));
  t.is(await pace.take(from('10.3.0.1', 'erin')), 0);
});

test('names are not kept as they are typed', async (t) => {
  const { pace, fixture } = t.context;
  await pace.take(from('10.4.0.1', 'hunter2'));
  t.deepEqual(
    (await fixture.client.keys('*')).filter((key) => key.includes('hunter2')),
    [],
  );
});
