/** Chromium for one file of tests, and what every page of the console has to keep to. */
import { mkdirSync } from 'node:fs';
import type { ExecutionContext } from 'ava';
import axe, { type AxeResults } from 'axe-core';
import { type Browser as Chromium, chromium, type Page } from 'playwright-core';

/** Debian's; as root there is no sandbox, and nothing here comes from elsewhere. */
const EXECUTABLE = process.env.CHROMIUM ?? '/usr/bin/chromium';
const FLAGS = [
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
  ...['--disable-component-update', '--disable-sync', '--disable-dev-shm-usage'],
];
/** ms; a busy machine is no failure. */
const PATIENCE = Number(process.env.PATIENCE ?? 60_000);
/** Where pictures of the pages are left, to be looked at. */
export const PICTURES = new URL('../../var/console/', import.meta.url).pathname;

export const LOOKS = {
  'light-wide': { colorScheme: 'light', viewport: { width: 1280, height: 800 } },
  'dark-wide': { colorScheme: 'dark', viewport: { width: 1280, height: 800 } },
  'light-phone': { colorScheme: 'light', viewport: { width: 390, height: 844 } },
  'dark-phone': { colorScheme: 'dark', viewport: { width: 390, height: 844 } },
} as const;
export type Look = keyof typeof LOOKS;

/** A node where people have accounts. */
export interface Site {
  readonly url: string;
  /** Of a login of theirs: `name=value`. */
  cookie(account: string): Promise<string>;
}

export class Browser {
  readonly #chromium: Chromium;
  readonly #site: Site;

  /** `site`: where its pages log in. */
  static async start(site: Site): Promise<Browser> {
    return new Browser(
      await chromium.launch({ executablePath: EXECUTABLE, args: FLAGS, timeout: PATIENCE }),
      site,
    );
  }

  private constructor(browser: Chromium, site: Site) {
    this.#chromium = browser;
    this.#site = site;
  }

  /**
   * A page where somebody is logged in, without the time that a password takes; gone with the test. What a page's console
   * complains of fails the test.
   */
  async page(
    t: Pick<ExecutionContext, 'teardown'>,
    account: string,
    look: Look = 'light-wide',
  ): Promise<Page> {
    const page = await this.open(t, look);
    const { url } = this.#site;
    const [name = '', value = ''] = (await this.#site.cookie(account)).split('=');
    await page.context().addCookies([{ name, value, url, httpOnly: true, sameSite: 'Strict' }]);
    await page.goto(url);
    await page.locator('.shell').waitFor();
    return page;
  }

  /** Likewise, where nobody is. */
  async open(t: Pick<ExecutionContext, 'teardown'>, look: Look = 'light-wide'): Promise<Page> {
    const context = await this.#chromium.newContext({ ...LOOKS[look], reducedMotion: 'reduce' });
    context.setDefaultTimeout(PATIENCE);
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('pageerror', (fault) => complaints.push(fault.message));
    page.on('console', (message) => {
      if (/content security policy/i.test(message.text())) complaints.push(message.text());
    });
    page.on('dialog', (dialog) => {
      complaints.push(`a script of somebody else's ran: ${dialog.message()}`);
      void dialog.dismiss();
    });
    t.teardown(async () => {
      await context.close();
      if (complaints.length > 0) throw new Error(complaints.join('; '));
    });
    return page;
  }

  async stop(): Promise<void> {
    await this.#chromium.close();
  }
}

/** A picture of the page by that name, in var/console/. */
export async function picture(page: Page, name: string): Promise<void> {
  mkdirSync(PICTURES, { recursive: true });
  await page.screenshot({ path: `${PICTURES}${name}.png` });
}

/** What axe finds serious or critical, each with the elements that it is about. */
export async function seriousFindings(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate<AxeResults>('axe.run(document)');
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => {
      const places = nodes.slice(0, 3).map(({ html, failureSummary }) => `${html} ${failureSummary}`);
      return `${id}: ${places.join(' | ')}`;
    });
}

/** By how many px a page is wider than the screen. */
export const overflow = (page: Page): Promise<number> =>
  page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
