/** The pages of the console. */
import type { AnyComponent } from 'preact';
import type { Role } from './api/answers.ts';
import type { IconName } from './components/icon.tsx';
import { loadedPage } from './shell/loaded-page.tsx';
import { ACCOUNT_KEEPERS, OVERSEERS } from './state/who.ts';

export interface Page {
  /** As preact-iso matches it. */
  readonly path: string;
  readonly title: string;
  readonly component: AnyComponent;
  /** Where it stands in the navigation; absent: other pages lead to it. */
  readonly menu?: {
    readonly icon: IconName;
    /** After `g`. */
    readonly key: string;
    /** Who has use for it; absent: everybody. */
    readonly roles?: readonly Role[];
  };
}

export const PAGES: readonly Page[] = [
  {
    ...{ path: '/', title: 'Live', menu: { icon: 'live', key: 'l' } },
    component: loadedPage(async () => (await import('./pages/live/live-page.tsx')).LivePage),
  },
  {
    ...{ path: '/sessions', title: 'Sessions', menu: { icon: 'sessions', key: 's' } },
    component: loadedPage(async () => (await import('./pages/sessions/sessions-page.tsx')).SessionsPage),
  },
  {
    ...{ path: '/sessions/:id', title: 'Session' },
    component: loadedPage(async () => (await import('./pages/session/session-page.tsx')).SessionPage),
  },
  {
    ...{ path: '/requests', title: 'Requests', menu: { icon: 'requests', key: 'r' } },
    component: loadedPage(async () => (await import('./pages/requests/requests-page.tsx')).RequestsPage),
  },
  {
    ...{ path: '/flags', title: 'Flags', menu: { icon: 'flags', key: 'f' } },
    component: loadedPage(async () => (await import('./pages/flags/flags-page.tsx')).FlagsPage),
  },
  {
    ...{ path: '/grants', title: 'Grants', menu: { icon: 'grants', key: 'n' } },
    component: loadedPage(async () => (await import('./pages/grants/grants-page.tsx')).GrantsPage),
  },
  {
    ...{ path: '/trail', title: 'Trail', menu: { icon: 'trail', key: 't' } },
    component: loadedPage(async () => (await import('./pages/trail/trail-page.tsx')).TrailPage),
  },
  {
    ...{ path: '/overview', title: 'Overview', menu: { icon: 'overview', key: 'o', roles: OVERSEERS } },
    component: loadedPage(async () => (await import('./pages/overview/overview-page.tsx')).OverviewPage),
  },
  {
    ...{
      path: '/accounts',
      title: 'Accounts',
      menu: { icon: 'accounts', key: 'a', roles: ACCOUNT_KEEPERS },
    },
    component: loadedPage(async () => (await import('./pages/accounts/accounts-page.tsx')).AccountsPage),
  },
];

/** Of the menu entry that `path` belongs to. */
export const isWithin = (path: string, page: Page): boolean =>
  page.path === '/' ? path === '/' : path === page.path || path.startsWith(`${page.path}/`);
