/** What reviewers do in the console, and those who ask: requests, flags, grants and the trail, in a real browser. */
import { openSync, readdirSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import anyTest, { type TestFn } from 'ava';
import type { Page } from 'playwright-core';
import { Browser, type Look, overflow, picture, seriousFindings } from './browser.ts';
import { Psql, Stack } from './stack.ts';

interface Context {
  readonly stack: Stack;
  readonly browser: Browser;
}

const test = anyTest as TestFn<Context>;

test.before(async (t) => {
  const stack = await Stack.start();
  (t.context as { stack: Stack }).stack = stack;
  (t.context as { browser: Browser }).browser = await Browser.start(stack);
});

test.after.always(async (t) => {
  await t.context.browser?.stop();
  await t.context.stack?.stop();
});

/** Would run, or change how the page reads, were it more than text. */
const HOSTILE =
  '<img src=x onerror=alert(1)> "><script>alert(2)</script> \u202egnp.exe\u2066 \u200b&lt;b&gt;';
const HOSTILE_SHOWN = /<img src=x onerror=alert\(1\)> "><script>alert\(2\)<\/script> \\u\{202e\}gnp\.exe/;

const menu = (page: Page, name: string) =>
  page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name });

test.serial('where there is nothing, pages say what would be there', async (t) => {
  const { browser } = t.context;
  const page = await browser.page(t, 'dba');
  for (const [name, title] of [
    ['Requests', 'Nobody waits for a decision'],
    ['Flags', 'No flag waits for a verdict'],
    ['Grants', 'No grant is in force'],
  ] as const) {
    await menu(page, name).click();
    await page.getByRole('heading', { name: title }).waitFor();
    t.deepEqual(await seriousFindings(page), [], name);
  }
  await menu(page, 'Trail').click();
  await page.getByLabel('Words in').fill('nothing has these words');
  await page.getByRole('heading', { name: 'Nothing in the trail is like that' }).waitFor();
  await page.waitForURL(({ searchParams: asked }) => asked.get('text') === 'nothing has these words');
});

test.serial(
  'asked for in a sentence, narrowed and approved, used by the line to paste, given back',
  async (t) => {
    const { stack, browser } = t.context;
    const [alice, dba] = [await browser.page(t, 'alice'), await browser.page(t, 'dba')];
    await menu(alice, 'Requests').click();
    await alice.getByRole('button', { name: 'Ask for access' }).click();
    await alice.getByLabel('What for').fill('correct the status of ticket 7');
    await alice.getByLabel('Database').fill('shop');
    await alice.getByLabel('Ticket').fill('INC-7');
    await alice.getByText('Say exactly').click();
    await alice.getByLabel('Permissions').fill('select:public.tickets\nselect,update:public.orders');
    await alice.getByRole('button', { name: 'Ask', exact: true }).click();
    const kept = alice.getByText('Keep this token');
    await kept.waitFor();

    await menu(dba, 'Requests').getByText('1').waitFor();
    await menu(dba, 'Requests').click();
    const request = dba.getByRole('article', { name: 'Request' });
    await request.getByText('a lead looks at the rest').waitFor();
    await request.getByRole('row').filter({ hasText: 'public.tickets' }).waitFor();
    await request.getByText('confidence').waitFor();
    await request.getByRole('button', { name: 'Narrow' }).click();
    await request.getByRole('listitem').filter({ hasText: 'public.orders' }).getByLabel('update').uncheck();
    await request.getByLabel('for at most').fill('10m');
    await request.getByLabel('Comment').fill('no orders to change');
    await request.getByRole('button', { name: 'Approve this much' }).click();
    const told = await stack.node.event('request.approve', { by: 'dba' });
    t.like(told, { comment: 'no orders to change', ttl: 600_000 });
    t.false(JSON.stringify(told.scope).includes('update'));

    const line = (await alice.locator('.connect .command', { hasText: "psql '" }).textContent()) ?? '';
    const url = /^psql '(postgresql:\/\/\w+:pst_\w+@127\.0\.0\.1:\d+\/shop)'$/.exec(line.trim())?.[1];
    t.truthy(url, line);
    const target = new URL(url!);
    target.port = String(stack.node.port); // the configuration of the tests leaves it to the system
    const psql = new Psql(target.href);
    t.teardown(() => psql.quit());
    await psql.run('SELECT count(*) FROM tickets;');
    await psql.run("UPDATE orders SET status = 'paid' WHERE id = 1;");
    await psql.printed(/permission denied by grant: update/);
    await alice.reload();
    await alice.getByRole('heading', { name: 'alice on shop' }).waitFor();
    t.is(await alice.locator('.connect').count(), 0, 'a token is told once');

    await alice.getByRole('button', { name: 'Give it back' }).click();
    await stack.node.event('grant.return', { grant: told.grant, by: 'alice' });
    await stack.node.event('session.end', { grant: told.grant });
    psql.type('SELECT 1;');
    await psql.printed(/FATAL/);
  },
);

test.serial('denied with a reason that whoever asked reads; what they write stays text', async (t) => {
  const { stack, browser } = t.context;
  const alice = await browser.page(t, 'alice');
  await alice.goto(`${stack.url}/requests`);
  await alice.getByRole('button', { name: 'Ask for access' }).click();
  await alice.getByLabel('What for').fill(HOSTILE);
  await alice.getByLabel('Database').fill('shop');
  await alice.getByLabel('Ticket').fill(HOSTILE.slice(0, 60));
  await alice.getByText('Say exactly').click();
  await alice.getByLabel('Permissions').fill('select:public."<b>x</b>"');
  await alice.getByRole('button', { name: 'Ask', exact: true }).click();
  const page = await browser.page(t, 'dba');
  await page.goto(`${stack.url}/requests`);
  const request = page.getByRole('article', { name: 'Request' });
  t.regex((await request.getByRole('blockquote').textContent()) ?? '', HOSTILE_SHOWN);
  await request.getByText('public."<b>x</b>"').first().waitFor();
  await request.getByText('No relation that is there now').waitFor();
  t.is(await page.locator('main img, main script, main b').count(), 0);
  t.true(await request.getByRole('button', { name: 'Deny' }).isDisabled(), 'a denial has a reason');
  await request.getByLabel('Comment').fill(`ask the <b>owner</b> ${HOSTILE}`);
  await request.getByRole('button', { name: 'Deny' }).click();
  await request.getByText('Denied by dba').waitFor();
  await alice.getByText('Denied by dba').waitFor();
  t.regex((await alice.locator('.outcome').textContent()) ?? '', /ask the <b>owner<\/b>/);
  t.is(await alice.locator('main img, main script, main b').count(), 0);
});

test.serial('flags are gone through by keyboard, and the keys to another page judge nothing', async (t) => {
  const { stack, browser } = t.context;
  const psql = new Psql((await stack.grant()).url);
  t.teardown(() => psql.quit());
  for (const sql of [
    "SELECT full_name, email, phone FROM customers WHERE full_name LIKE '%' OR 1 = 1;",
    `SELECT '${HOSTILE}' AS x FROM orders LIMIT 1;`,
    "SELECT string_agg(email, ',') FROM customers;",
  ])
    await psql.run(sql);
  const page = await browser.page(t, 'dba');
  await page.keyboard.press('g');
  await page.keyboard.press('f');
  const flag = page.getByRole('article', { name: 'Alarm' });
  await flag.waitFor();
  const waiting = page.getByRole('table', { name: 'Flags' }).getByRole('row');
  const count = await waiting.count();
  t.true(count >= 3);
  const hostile = waiting.filter({ hasText: 'onerror' });
  t.regex((await hostile.textContent()) ?? '', HOSTILE_SHOWN);
  t.is(await page.locator('main img, main script, main b').count(), 0);

  const second = (await waiting.nth(1).locator('code').textContent()) ?? '';
  await page.keyboard.press('j');
  await page.locator('.row[data-selected] code', { hasText: second }).waitFor();
  await page.keyboard.press('n');
  await page.keyboard.type('tf is a note');
  await page.keyboard.press('Escape');
  await page.keyboard.press('t');
  await page.locator('.view-tabs', { hasText: `Waiting ${count - 1}` }).waitFor();
  const verdict = await stack.node.event('risk.verdict', { by: 'dba' });
  t.like(verdict, { verdict: 'true', note: 'tf is a note' });
  await page.keyboard.press('k');
  await page.keyboard.press('f');
  await page.locator('.view-tabs', { hasText: `Waiting ${count - 2}` }).waitFor();
  await stack.node.event('risk.verdict', { by: 'dba', verdict: 'false' });
  t.deepEqual(await seriousFindings(page), []);

  await page.getByRole('link', { name: 'Judged' }).click();
  await waiting.filter({ hasText: 'true ·' }).click();
  await flag.getByText('A true alarm, says dba').waitFor();
  await flag.getByRole('link', { name: /of its session/ }).click();
  await page.getByRole('region', { name: `Statement ${verdict.alarm.split(/\D/).at(-1)}` }).waitFor();
});

test.serial('a grant is looked at, used, and revoked with all of its sessions', async (t) => {
  const { stack, browser } = t.context;
  const grant = await stack.grant({ reason: HOSTILE, ticket: HOSTILE.slice(0, 60) });
  const psql = new Psql(grant.url);
  t.teardown(() => psql.quit());
  await psql.run('SELECT * FROM orders LIMIT 700;');
  const page = await browser.page(t, 'dba');
  await page.goto(`${stack.url}/grants?id=${grant.id}`);
  const detail = page.getByRole('article', { name: 'Grant' });
  await detail.getByText('approved by dba').waitFor();
  t.regex((await detail.getByRole('blockquote').textContent()) ?? '', HOSTILE_SHOWN);
  t.is(await page.locator('main img, main script, main b').count(), 0);
  await detail.getByTitle('rows: 700 of 20K').waitFor();
  await detail.getByRole('link', { name: 'psql' }).waitFor();
  await detail.getByRole('button', { name: 'Revoke' }).click();
  const dialog = page.getByRole('dialog', { name: 'Revoke this grant?' });
  await dialog.getByText('Its open session ends at once').waitFor();
  t.deepEqual(await seriousFindings(page), []);
  await dialog.getByRole('button', { name: 'Revoke' }).click();
  await stack.node.event('session.end', { grant: grant.id });
  psql.type('SELECT 1;');
  await psql.printed(/FATAL/);
  await page.getByRole('heading', { name: `Grant ${grant.id} is not in force` }).waitFor();
  t.is((await stack.node.event('grant.revoke', { grant: grant.id })).by, 'dba');
  await page.getByRole('link', { name: 'Its sessions' }).click();
  await page.getByText(`of grant ${grant.id}, that are over`).waitFor();
  await page.getByRole('table').getByRole('link', { name: 'alice' }).waitFor();
});

test.serial('the trail is searched by address, and taken along as it is', async (t) => {
  const { stack, browser } = t.context;
  const psql = new Psql((await stack.grant()).url);
  t.teardown(() => psql.quit());
  await psql.run('DELETE FROM customers WHERE id = 4711;');
  await psql.run(`SELECT '${HOSTILE}' AS delighted;`);
  const page = await browser.page(t, 'dba');
  await menu(page, 'Trail').click();
  await page.getByLabel('Words in').fill('delete 4711');
  await page.getByLabel('Decision').selectOption('deny');
  await page.waitForURL(
    ({ searchParams: asked }) => asked.get('text') === 'delete 4711' && asked.get('decision') === 'deny',
  );
  await page.getByText('1 event', { exact: true }).waitFor();
  await page.getByRole('row').filter({ hasText: '4711' }).click();
  const event = page.getByRole('article', { name: 'Event' });
  await event.getByText('permission denied').first().waitFor();
  t.deepEqual(await seriousFindings(page), []);

  for (const [name, file] of [
    ['Export NDJSON', 'postern-trail.ndjson'],
    ['CSV', 'postern-trail.csv'],
  ] as const) {
    const downloaded = page.waitForEvent('download');
    await page.getByRole('link', { name }).click();
    const download = await downloaded;
    t.is(download.suggestedFilename(), file);
    const text = readFileSync(await download.path(), 'utf8');
    t.regex(text, file.endsWith('csv') ? /^at,node,seq,type,/ : /^\{"prev":.*\}\n$/);
    t.is(text.match(/DELETE FROM customers WHERE id = 4711/g)?.length, 1);
  }

  await event.getByRole('link', { name: /of its session/ }).click();
  await page.getByRole('region', { name: 'Statement 1' }).getByText('Denied', { exact: true }).waitFor();
  await page.goBack();
  await page.getByText('1 event', { exact: true }).waitFor();
  await page.goto(`${stack.url}/trail?kind=statements&text=delighted`);
  await page.getByRole('row').filter({ hasText: 'delighted' }).click();
  await event.locator('pre', { hasText: '\\u{202e}' }).waitFor();
  t.is(await page.locator('main img, main script, main b').count(), 0);
  await page.goto(`${stack.url}/trail?risk=nonsense&from=nonsense&decision=nonsense`);
  await page.getByRole('alert').waitFor();
});

/** The fourth would show nothing that these don't. */
const SEEN: readonly Look[] = ['dark-wide', 'light-phone'];

for (const look of SEEN)
  test.serial(`the pages of reviewers have no serious finding of axe, and fit: ${look}`, async (t) => {
    const { stack, browser } = t.context;
    const grant = await stack.grant();
    const alice = await browser.page(t, 'alice');
    const asked = await alice.request.post(`${stack.url}/v1/requests`, {
      headers: { 'postern-csrf': '1' },
      data: {
        ...{ database: 'shop', reason: 'the customer of order 17 was charged twice', ticket: 'INC-17' },
        ...{
          allow: ['select:public.*', 'update:public.tickets'],
          deny: ['select:public.employees'],
          ttl: '45m',
        },
      },
    });
    const { request } = await asked.json();
    const page = await browser.page(t, 'dba', look);
    const pages = {
      requests: { path: `/requests?id=${request.id}`, ready: '.similar' },
      history: { path: '/requests?view=history', ready: '.request-list [data-decision=deny]' },
      flags: { path: '/flags', ready: '.alarm-card' },
      grants: { path: `/grants?id=${grant.id}`, ready: '.grant-meters' },
      trail: { path: '/trail?text=select', ready: '.rows-all .event-row' },
      whole: { path: '/trail?view=whole', ready: '.trail-whole .card' },
    };
    for (const [name, { path, ready }] of Object.entries(pages)) {
      await page.goto(`${stack.url}${path}`);
      await page.locator(`main ${ready}`).first().waitFor({ state: 'attached' });
      t.deepEqual(await seriousFindings(page), [], name);
      t.true((await overflow(page)) <= 0, `${name} is too wide`);
      await picture(page, `${name}-${look}`);
    }
  });

test.serial('the trail is verified, and the first event that was changed is named', async (t) => {
  const { stack, browser } = t.context;
  const page = await browser.page(t, 'dba');
  await page.goto(`${stack.url}/trail?view=whole`);
  await page.getByText('Not verified on this node yet').waitFor();
  await page.getByRole('button', { name: 'Verify now' }).click();
  await page.getByText(/^Whole$/).waitFor();
  t.true((await stack.node.event('trail.verify', { by: 'dba' })).ok);
  t.deepEqual(await seriousFindings(page), []);

  const directory = join(stack.node.spool, 'test', 'api');
  const [segment] = readdirSync(directory).filter((name) => name.endsWith('.ndjson'));
  const file = join(directory, segment!);
  const at = readFileSync(file, 'utf8').indexOf('"alice"');
  writeSync(openSync(file, 'r+'), '"malic"', at);
  await page.getByRole('button', { name: 'Verify now' }).click();
  await page.getByText('Broken in 1 of').waitFor();
  const broken = page.getByRole('row').filter({ hasText: 'test/api' });
  await broken.getByText('bad hash').waitFor();
  await broken.getByText(`test/api/${segment}:`).waitFor();
  await picture(page, 'broken-light-wide');
});
