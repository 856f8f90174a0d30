/** The console in a real browser, over the whole product: what a DBA does with it, and how its pages keep to the rules. */
import anyTest, { type TestFn } from 'ava';
import { Browser, type Look, overflow, picture, seriousFindings } from './browser.ts';
import { Psql, Stack } from './stack.ts';

interface Context {
  readonly stack: Stack;
  readonly browser: Browser;
}

const test = anyTest as TestFn<Context>;

test.before(async (t) => {
  const stack = await Stack.start({ store: true });
  (t.context as { stack: Stack }).stack = stack;
  (t.context as { browser: Browser }).browser = await Browser.start(stack);
});

test.after.always(async (t) => {
  await t.context.browser?.stop();
  await t.context.stack?.stop();
});

test.serial(
  'a session is seen as it opens and counts, its refusal is replayed, its alarm is judged, and it is ended',
  async (t) => {
    const { stack, browser } = t.context;
    const page = await browser.page(t, 'dba');
    await page.getByText('Nobody is connected').waitFor();

    const grant = await stack.grant();
    const psql = new Psql(grant.url);
    t.teardown(() => psql.quit());
    await psql.run("SELECT count(*) FROM tickets WHERE status = 'open';");
    const row = page.getByRole('row').filter({ hasText: grant.id });
    await row.getByText('customer of order 4312 asks where the parcel is').waitFor();
    await row.getByText('INC-4312').waitFor();
    await row.locator('.cell-statements .number', { hasText: /^1$/ }).waitFor();

    await psql.run('DELETE FROM customers WHERE id = 1;');
    t.regex(
      await psql.printed(/permission denied/),
      /permission denied by grant: delete on public.customers/,
    );
    await row.getByText('1 denied').waitFor();

    await row.getByRole('link', { name: 'alice' }).click();
    await page.getByRole('row').filter({ hasText: 'DELETE FROM customers' }).click();
    const detail = page.getByRole('region', { name: 'Statement 2' });
    await detail.getByText('Denied', { exact: true }).waitFor();
    await detail.getByText('permission denied by grant: delete on public.customers').waitFor();
    t.true(page.url().endsWith('#s2'), 'the address names the statement');

    await psql.run("SELECT full_name, email, phone FROM customers WHERE full_name LIKE '%' OR 1 = 1;");
    await page.getByRole('row').filter({ hasText: 'OR 1 = 1' }).click();
    const alarmed = page.getByRole('region', { name: 'Statement 3' });
    await alarmed.getByText('Alarm: flagged').waitFor();
    await alarmed.getByLabel('Why, for the trail').fill('the customer list of our own report');
    await alarmed.getByRole('button', { name: 'False alarm' }).click();
    await alarmed.getByText('A false alarm, says dba').waitFor();
    const verdict = await stack.node.event('risk.verdict', { verdict: 'false' });
    t.is(verdict.by, 'dba');
    t.is(verdict.note, 'the customer list of our own report');

    await page.getByRole('button', { name: 'End …' }).click();
    await page.getByRole('button', { name: 'End the session' }).click();
    await page.getByText('ended by a reviewer').waitFor();
    psql.type('SELECT 1;');
    t.regex(await psql.printed(/FATAL/), /FATAL: {2}terminating connection/);
    t.is((await stack.node.event('session.end', { grant: grant.id })).reason, 'ended');
  },
);

test.serial('a deep link leads to its statement, after signing in', async (t) => {
  const { stack, browser } = t.context;
  const { session } = await stack.node.event('session.end', { reason: 'ended' });
  const page = await browser.open(t);
  await page.goto(`${stack.url}/sessions/${session}#s2`);
  await page.getByLabel('Account').fill('dba');
  await page.getByLabel('Password').fill('wrong, and long enough');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('alert').waitFor();
  await page.getByLabel('Password').fill('correct horse battery staple');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('region', { name: 'Statement 2' }).getByText('Denied', { exact: true }).waitFor();
  await page.keyboard.press('ArrowLeft');
  await page.getByRole('region', { name: 'Statement 1' }).waitFor();
  await page.getByRole('button', { name: 'Play' }).click();
  await page.getByRole('region', { name: 'Statement 3' }).waitFor();
  await page.getByRole('button', { name: 'Play' }).waitFor(); // it is at the end
  t.true(page.url().endsWith('#s3'));
});

test.serial('a login that ends leads to the sign-in, and back to the page', async (t) => {
  const { stack, browser } = t.context;
  const page = await browser.page(t, 'dba');
  await page.getByRole('link', { name: 'Overview' }).click();
  await page.getByText('Statements by decision').waitFor();
  await page.getByRole('button', { name: '7d' }).click();
  await page.getByText('the last 7 days').waitFor();
  // The page asks when this is pressed, or by itself before.
  const ask = (): Promise<void> =>
    page
      .getByRole('button', { name: '24h' })
      .click({ timeout: 5_000 })
      .catch(() => undefined);
  await page.context().clearCookies();
  await ask();
  await page.getByText('Your login has ended').waitFor();
  const words = new URL(page.url()).search.includes('7d') ? 'the last 7 days' : 'the last 24 hours';
  await page.getByLabel('Account').fill('dba');
  await page.getByLabel('Password').fill('correct horse battery staple');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText(words).waitFor();
  t.is(new URL(page.url()).pathname, '/overview');

  await page.evaluate('globalThis.ofBefore = true');
  await page.context().clearCookies();
  await ask();
  await page.getByLabel('Account').fill('alice');
  await page.getByLabel('Password').fill('correct horse battery staple');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.locator('.me-name', { hasText: 'alice' }).waitFor();
  t.is(await page.evaluate('globalThis.ofBefore'), undefined, 'nothing is left of what the dba was shown');

  await page.evaluate('globalThis.ofBefore = true');
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('button', { name: 'Sign in' }).waitFor();
  t.is(await page.evaluate('globalThis.ofBefore'), undefined, 'nor of what alice was');
  t.is((await page.request.get(`${stack.url}/v1/me`)).status(), 401);
  await page.goBack();
  await page.getByRole('button', { name: 'Sign in' }).waitFor();
  t.is(await page.locator('.shell').count(), 0);
});

test.serial('a requester sees what is theirs, and nothing to decide on', async (t) => {
  const page = await t.context.browser.page(t, 'alice');
  await page.getByText('Nobody is connected').waitFor();
  t.is(await page.getByRole('link', { name: 'Overview' }).count(), 0);
  await page.getByRole('link', { name: 'Sessions' }).click();
  await page.getByRole('row').filter({ hasText: 'by a reviewer' }).getByRole('link').click();
  await page.getByRole('row').filter({ hasText: 'OR 1 = 1' }).click();
  await page.getByText('Alarm: flagged').waitFor();
  t.is(await page.getByRole('button', { name: 'False alarm' }).count(), 0);
});

test.serial('a statement that waits is seen from every page, and approved', async (t) => {
  const { stack, browser } = t.context;
  const page = await browser.page(t, 'dba');
  const scope = [{ actions: ['select' as const], on: ['public.tickets'] }];
  const psql = new Psql((await stack.grant({ scope, outOfScope: 'hold', reason: 'ticket 7' })).url);
  t.teardown(() => psql.quit());
  psql.type('SELECT count(*) FROM orders;');
  await page.getByRole('button', { name: 'Review' }).click();
  const dialog = page.getByRole('dialog', { name: 'A statement waits' });
  await dialog.getByText('select on public.orders').first().waitFor();
  t.deepEqual(await seriousFindings(page), []);
  await picture(page, 'hold-light-wide');
  await dialog.getByRole('button', { name: 'Approve once' }).click();
  await psql.printed(/^\d+$/m);
  await page.getByRole('button', { name: 'Review' }).waitFor({ state: 'detached' });
  t.is((await stack.node.event('hold.approve', { by: 'dba' })).by, 'dba');
});

test.serial('while the store does not answer, every page says so, and how far it is behind', async (t) => {
  const { stack, browser } = t.context;
  const page = await browser.page(t, 'dba');
  await page.getByText('Nobody is connected').waitFor();
  await stack.openStore(false);
  const psql = new Psql((await stack.grant()).url);
  t.teardown(() => psql.quit());
  await psql.run('SELECT count(*) FROM tickets;');
  const banner = page.getByRole('alert').filter({ hasText: 'The audit store does not answer' });
  await banner.getByText(/\d+ events? waits? for it, the first for .*Nothing is lost/).waitFor();
  await banner.getByRole('link', { name: 'Look at the trail' }).click();
  await page.getByText('Can not be reached; nothing is lost').waitFor();
  t.deepEqual(await seriousFindings(page), []);
  await picture(page, 'store-down-light-wide');
  await stack.openStore(true);
  await banner.waitFor({ state: 'detached' });
});

test.serial('an open page that meets a newer server is loaded anew by the next link', async (t) => {
  const { stack, browser } = t.context;
  const page = await browser.page(t, 'dba');
  const build = '<meta name="postern-build" content="newer" />';
  await page.route(`${stack.url}/`, (route) => route.fulfill({ contentType: 'text/html', body: build }));
  await page.route(/assets\/(flags|trail)-page/, (route) => route.fulfill({ status: 404 }), { times: 1 });
  await page.evaluate('globalThis.ofBefore = true');
  await page.getByRole('link', { name: 'Trail' }).click(); // which the server has no more
  await page.getByLabel('Words in').waitFor();
  t.is(await page.evaluate('globalThis.ofBefore'), undefined);
});

/** Would run, or change how the page reads, were it more than text. */
const HOSTILE =
  '<img src=x onerror=alert(1)> "><script>alert(2)</script> \u202egnp.exe\u2066 \u200b&lt;b&gt; {{7*7}} \'--';

test.serial('what others write shows as text, and what would not show is made visible', async (t) => {
  const { stack, browser } = t.context;
  const grant = await stack.grant({
    principal: { id: `mallory ${HOSTILE.slice(0, 60)}`, teams: [] },
    reason: HOSTILE,
    ticket: HOSTILE.slice(0, 80),
  });
  const url = new URL(grant.url);
  url.searchParams.set('application_name', '<svg/onload=alert(3)>');
  const psql = new Psql(url.href);
  t.teardown(() => psql.quit());
  await psql.run(`SELECT '${HOSTILE.replaceAll("'", "''")}' AS "<b>x</b>";`);
  const page = await browser.page(t, 'dba');
  const row = page.getByRole('row').filter({ hasText: grant.id });
  await row.getByText('<svg/onload=alert(3)>').waitFor();
  await row.getByText('gnp.exe').waitFor();
  t.regex((await row.textContent()) ?? '', /<img src=x onerror=alert\(1\)>.*\\u\{202e\}gnp\.exe\\u\{2066\}/);
  await row.getByRole('link').first().click();
  const code = page.locator('.statement-detail pre');
  await code.getByText('\\u{202e}').waitFor();
  t.regex((await code.textContent()) ?? '', /<script>alert\(2\)<\/script>/);
  t.is(await page.locator('main img, main script, main b').count(), 0);
  t.deepEqual(await seriousFindings(page), []);
});

/** Of the fourth, dark at a phone, the styles are those of the second, and the layout is that of the third. */
const SEEN: readonly Look[] = ['light-wide', 'dark-phone'];

const PAGES: Readonly<Record<string, { readonly path: string; readonly ready: string }>> = {
  live: { path: '/', ready: 'here for' },
  sessions: { path: '/sessions', ready: 'by a reviewer' },
  overview: { path: '/overview?span=1h', ready: 'Median' },
};

for (const look of SEEN)
  test.serial(`the pages have no serious finding of axe, and fit: ${look}`, async (t) => {
    const { stack, browser } = t.context;
    const grant = await stack.grant();
    const psql = new Psql(grant.url);
    t.teardown(() => psql.quit());
    await psql.run('BEGIN;\nSELECT id, subject FROM tickets LIMIT 5;\nCOMMIT;\nDELETE FROM customers;');
    const page = await browser.open(t, look);
    await page.goto(stack.url);
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    t.deepEqual(await seriousFindings(page), [], 'sign-in');
    await picture(page, `sign-in-${look}`);
    await page.getByLabel('Account').fill('dba');
    await page.getByLabel('Password').fill('correct horse battery staple');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.locator('.shell').waitFor();
    const { session } = await stack.node.event('session.start', { grant: grant.id });
    const pages = {
      ...PAGES,
      session: { path: `/sessions/${session}#s5`, ready: 'permission denied by grant' },
    };
    for (const [name, { path, ready }] of Object.entries(pages)) {
      await page.goto(`${stack.url}${path}`);
      await page.getByText(ready).first().waitFor();
      t.deepEqual(await seriousFindings(page), [], name);
      t.true((await overflow(page)) <= 0, `${name} is too wide`);
      await picture(page, `${name}-${look}`);
    }
  });
