/** Who may come in: the first account, accounts and tokens, the identity provider; and requests that need no database. */
import anyTest, { type TestFn } from 'ava';
import type { Page } from 'playwright-core';
import { buildConsole } from '../../scripts/build-console.mjs';
import { freePort } from '../helpers/free-port.ts';
import { CLIENT, type IdentityProvider, startIdentityProvider } from '../server/api/identity-provider.ts';
import { PASSWORD, PeopleNode } from '../server/api/people-node.ts';
import { Browser, overflow, picture, seriousFindings } from './browser.ts';

interface Context {
  readonly node: PeopleNode;
  readonly browser: Browser;
}

const test = anyTest as TestFn<Context>;

test.before(async (t) => {
  await buildConsole();
  const node = await PeopleNode.start({ onCall: ['night'] });
  Object.assign(t.context, { node });
  Object.assign(t.context, { browser: await Browser.start(node) });
});

test.after.always(async (t) => {
  await t.context.browser?.stop();
  await t.context.node?.stop();
});

const menu = (page: Page, name: string) =>
  page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name });

async function signIn(page: Page, account: string, password: string): Promise<void> {
  await page.getByLabel('Account').fill(account);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

test.serial('the link that is printed makes the first account, once', async (t) => {
  const { node, browser } = t.context;
  const page = await browser.open(t);
  await page.goto(node.url);
  await page.getByText('There is no account yet').waitFor();
  await page.goto(`${node.url}/bootstrap#${node.firstAdmin}`);
  t.is(await page.getByLabel('One-time code').inputValue(), node.firstAdmin ?? '');
  await page.getByLabel('Account').fill('root');
  await page.getByLabel('Password').fill(PASSWORD);
  t.deepEqual(await seriousFindings(page), []);
  await picture(page, 'bootstrap-light-wide');
  await page.getByRole('button', { name: 'Make it and sign in' }).click();
  await page.locator('.shell').waitFor();
  t.is(new URL(page.url()).pathname, '/');
  t.is(await page.evaluate('location.hash'), '', 'the code is gone from the address');

  const other = await browser.open(t);
  await other.goto(`${node.url}/bootstrap#${node.firstAdmin}`);
  await other.getByLabel('Account').fill('second');
  await other.getByLabel('Password').fill(PASSWORD);
  await other.getByRole('button', { name: 'Make it and sign in' }).click();
  await other.getByRole('alert').waitFor();
  t.deepEqual(
    (await node.principals.accounts.list()).accounts.map(({ id }) => id),
    ['root'],
  );
});

test.serial(
  'somebody is invited, sets a password of their own, changes roles, and is shut out',
  async (t) => {
    const { node, browser } = t.context;
    const root = await browser.page(t, 'root');
    await root.keyboard.press('g');
    await root.keyboard.press('a');
    await root.getByRole('row').filter({ hasText: 'this is you' }).waitFor();
    await picture(root, 'accounts-light-wide');
    await root.getByRole('button', { name: 'Invite somebody' }).click();
    await root.getByLabel('Account: small letters').fill('dora');
    await root.getByRole('checkbox', { name: 'auditor' }).check();
    await root.getByLabel('Teams, one a line').fill('support\n<img src=x onerror=alert(1)>');
    await root.getByRole('button', { name: 'Make the account' }).click();
    const given = (await root.getByRole('status', { name: 'Password' }).textContent()) ?? '';
    t.regex(given, /^([a-z2-9]{5}-){3}[a-z2-9]{5}$/);
    t.deepEqual(await seriousFindings(root), []);
    await root.getByRole('button', { name: 'Done' }).click();
    const row = root.getByRole('row').filter({ hasText: 'dora' });
    await row.getByText('<img src=x onerror=alert(1)>').waitFor();
    t.false(((await root.textContent('body')) ?? '').includes(given), 'it is shown once');

    const dora = await browser.open(t);
    await dora.goto(node.url);
    await signIn(dora, 'dora', given);
    await dora.getByRole('button', { name: 'Password …' }).click();
    await dora.getByLabel('The one that you have').fill(given);
    await dora.getByLabel('A new one').fill('a password of her own');
    await dora.getByRole('button', { name: 'Change it' }).click();
    await dora.getByText('You have a new password').waitFor();
    t.is((await dora.request.get(`${node.url}/v1/me`)).status(), 200, 'still signed in');
    await menu(dora, 'Accounts').click();
    await dora.getByRole('rowheader', { name: 'root', exact: true }).waitFor();
    t.is(await dora.getByRole('button', { name: /Invite|Change|Deactivate/ }).count(), 0, 'auditors look');

    await root.getByRole('button', { name: 'Change dora' }).click();
    await root.getByRole('checkbox', { name: 'auditor' }).uncheck();
    await root.getByRole('button', { name: 'Change it' }).click();
    await row.getByRole('cell', { name: 'requester', exact: true }).waitFor();
    await dora.reload();
    await dora.locator('.shell').waitFor();
    t.is(await menu(dora, 'Accounts').count(), 0);

    await root.getByRole('button', { name: 'Deactivate dora' }).click();
    await root.getByRole('button', { name: 'Deactivate', exact: true }).click();
    await row.getByText('deactivated').waitFor();
    await dora.getByText('Your login has ended').waitFor();
    await signIn(dora, 'dora', 'a password of her own');
    await dora.getByRole('alert').waitFor();
  },
);

test.serial('a token is made, shown once, used and revoked', async (t) => {
  const { node, browser } = t.context;
  const page = await browser.page(t, 'root');
  await page.goto(`${node.url}/accounts?view=tokens`);
  await page.getByRole('heading', { name: 'There is no API token' }).waitFor();
  await page.getByRole('button', { name: 'Make a token' }).click();
  await page.getByLabel('Name of the service').fill('helper');
  await page.getByLabel('It is an agent').check();
  t.is(await page.getByRole('checkbox', { name: 'reviewer' }).count(), 0, 'agents decide on nothing');
  await page.getByLabel('For whom it works').fill('root');
  await page.getByLabel('Databases').fill('shop');
  await page.getByRole('button', { name: 'Make the token' }).click();
  const secret = ((await page.getByRole('status', { name: 'API token' }).textContent()) ?? '').trim();
  const me = await node.send('GET', '/v1/me', { token: secret });
  t.like(me.body, { id: 'helper', kind: 'agent', actsFor: 'root', databases: ['shop'] });
  await page.getByRole('button', { name: 'Done' }).click();
  await page.getByRole('row').filter({ hasText: 'helper' }).waitFor();
  await page.getByRole('searchbox').fill('nobody');
  await page.getByRole('heading', { name: 'Nothing matches' }).waitFor();
  await page.reload();
  await page.getByRole('heading', { name: 'Nothing matches' }).waitFor();
  await page.getByRole('searchbox').fill('HELP');
  await page.getByRole('button', { name: /Revoke the token/ }).click();
  await page.getByRole('button', { name: 'Revoke', exact: true }).click();
  await page.getByText('revoked').first().waitFor();
  t.is((await node.send('GET', '/v1/me', { token: secret })).status, 401);
});

test.serial('accounts have no serious finding of axe, and fit a phone in the dark', async (t) => {
  const { node, browser } = t.context;
  const page = await browser.page(t, 'root', 'dark-phone');
  await page.goto(`${node.url}/accounts`);
  await page.getByRole('row').filter({ hasText: 'this is you' }).waitFor();
  t.deepEqual(await seriousFindings(page), []);
  t.true((await overflow(page)) <= 0);
  await picture(page, 'accounts-dark-phone');
  await page.getByRole('button', { name: 'Invite somebody' }).click();
  await page.getByLabel('Account: small letters').waitFor();
  await picture(page, 'invite-dark-phone');
});

test.serial(
  'a request is withdrawn; an emergency is granted at once, prolonged, and looked at afterwards',
  async (t) => {
    const { node, browser } = t.context;
    const membership = { roles: ['requester'], teams: [], groups: ['night'] } as const;
    await node.principals.accounts.add({ id: 'nina', password: PASSWORD, ...membership }, 'the tests');
    await node.account('rita', ['reviewer'], ['leads']);
    const nina = await browser.page(t, 'nina');
    await menu(nina, 'Requests').click();
    const ask = async (reason: string, permissions: string, emergency: boolean): Promise<void> => {
      await nina.getByRole('button', { name: 'Ask for access' }).click();
      await nina.getByLabel('What for').fill(reason);
      await nina.getByLabel('Database').fill('shop');
      await nina.getByText('Say exactly').click();
      await nina.getByLabel('Permissions').fill(permissions);
      if (emergency) await nina.getByLabel('It is an emergency').check();
      await nina.getByRole('button', { name: 'Ask', exact: true }).click();
    };
    await ask('tidy up', 'delete:public.orders', false);
    await nina.getByRole('button', { name: 'Withdraw it' }).click();
    await nina.getByText('Withdrawn', { exact: true }).first().waitFor();
    t.truthy((await node.events()).find(({ type }) => type === 'request.withdraw'));

    await ask('orders hang, customers wait', 'update:public.orders', true);
    await nina.getByText('Connect by this').waitFor();
    await nina.getByRole('button', { name: 'Ask for more time' }).click();
    await nina.getByLabel('How much longer').fill('10m');
    await nina.getByLabel('What for').fill('they still hang');
    await nina.getByRole('dialog').getByRole('button', { name: 'Ask', exact: true }).click();
    await nina.getByText(/Somebody has to approve that|It ends later now/).waitFor();

    const rita = await browser.page(t, 'rita');
    await rita.goto(`${node.url}/requests?view=emergencies`);
    const emergency = rita.getByRole('article', { name: 'Request' });
    await emergency.getByText('orders hang, customers wait').waitFor();
    t.true(await emergency.getByRole('button', { name: 'Justified', exact: true }).isDisabled());
    await emergency.getByLabel('What you have found').fill('a lock, and customers were waiting');
    t.deepEqual(await seriousFindings(rita), []);
    await picture(rita, 'emergency-light-wide');
    await emergency.getByRole('button', { name: 'Justified', exact: true }).click();
    await rita.getByText('a lock, and customers were waiting').first().waitFor();
    const review = (await node.events()).find(({ type }) => type === 'request.review');
    t.like(review, { by: 'rita', finding: 'justified' });
  },
);

test.serial('somebody signs in by the identity provider, and is back where they wanted to be', async (t) => {
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const provider: IdentityProvider = await startIdentityProvider(`${origin}/v1/oidc/callback`, {
    ...{ sub: 'f81d4fae', groups: ['dba'] },
  });
  t.teardown(() => provider.close());
  const oidc = {
    ...{ issuer: provider.issuer, clientId: CLIENT.id, clientSecret: CLIENT.secret },
    map: { dba: { roles: ['reviewer'] } },
  };
  const node = await PeopleNode.start({ baseUrl: origin, oidc }, port);
  t.teardown(() => node.stop());
  const page = await t.context.browser.open(t);
  await page.goto(`${origin}/trail?kind=statements&text=orders#x`);
  await page.getByRole('link', { name: 'Sign in with your identity provider' }).click();
  await page.locator('.shell').waitFor();
  await page.getByText('f81d4fae').waitFor();
  t.is(page.url(), `${origin}/trail?kind=statements&text=orders#x`);
  t.is(await menu(page, 'Accounts').count(), 0);
  await page.evaluate("sessionStorage.setItem('postern-way-back', '//evil.example/')");
  await page.goto(origin);
  await page.locator('.shell').waitFor();
  t.is(page.url(), `${origin}/`, 'a way back leads nowhere else');
});
