/** What stands around every page. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { ErrorBoundary } from 'preact-iso/lazy';
import { Route, Router, useLocation } from 'preact-iso/router';
import type { Me } from '../api/answers.ts';
import { Icon } from '../components/icon.tsx';
import { Toasts } from '../components/toasts.tsx';
import { isWithin, PAGES } from '../pages.ts';
import { followAlarms } from '../state/alarms.ts';
import { followRequests } from '../state/requests.ts';
import { follow } from '../state/stream.ts';
import { HoldsBanner } from './holds-banner.tsx';
import { Navigation } from './navigation.tsx';
import { NotFoundPage } from './not-found-page.tsx';
import { OutdatedBanner } from './outdated-banner.tsx';
import { ShortcutSheet } from './shortcut-sheet.tsx';
import { TrailBanner } from './trail-banner.tsx';
import { useShortcuts } from './use-shortcuts.ts';

export function Shell({ me }: { readonly me: Me }) {
  const sheetOpen = useSignal(false);
  const menuOpen = useSignal(false);
  useEffect(follow, []);
  useEffect(followRequests, []);
  useEffect(followAlarms, []);
  useShortcuts(() => {
    sheetOpen.value = true;
  });
  const { path } = useLocation();
  useEffect(() => {
    menuOpen.value = false;
    document.title = `${titleOf(path)} · Postern`;
  }, [path]);
  return (
    <div class="shell">
      <a class="skip-link" href="#main">
        Skip to content
      </a>
      <header class="top-bar">
        <button
          type="button"
          class="icon-button"
          aria-expanded={menuOpen.value}
          aria-controls="navigation"
          aria-label="Menu"
          onClick={() => {
            menuOpen.value = !menuOpen.value;
          }}
        >
          <Icon name="menu" />
        </button>
        <span class="top-bar-title">{titleOf(path)}</span>
      </header>
      <Navigation me={me} open={menuOpen} showShortcuts={sheetOpen} />
      <main id="main" tabIndex={-1}>
        <OutdatedBanner />
        <TrailBanner />
        <HoldsBanner />
        <ErrorBoundary>
          <Router>
            {[
              ...PAGES.map(({ path, component }) => <Route key={path} path={path} component={component} />),
              <Route key="default" default component={NotFoundPage} />,
            ]}
          </Router>
        </ErrorBoundary>
      </main>
      <Toasts />
      <ShortcutSheet open={sheetOpen} />
    </div>
  );
}

const titleOf = (path: string): string =>
  PAGES.find((page) => page.path === path)?.title ??
  PAGES.findLast((page) => page.menu !== undefined && isWithin(path, page))?.title.replace(/s$/, '') ??
  'Not here';
