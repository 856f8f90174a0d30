import { type Signal, useSignal } from '@preact/signals';
import { useLocation } from 'preact-iso/router';
import type { Me } from '../api/answers.ts';
import { problemOf } from '../api/problem.ts';
import { Icon } from '../components/icon.tsx';
import { tell } from '../components/toasts.tsx';
import { Untrusted } from '../components/untrusted.tsx';
import { isWithin } from '../pages.ts';
import { connection } from '../state/stream.ts';
import { nextTheme, theme } from '../state/theme.ts';
import { signOut } from '../state/who.ts';
import { badgeOf } from './badges.ts';
import { type MenuPage, menuPages } from './menu-pages.ts';
import { PasswordDialog } from './password-dialog.tsx';

interface NavigationProps {
  readonly me: Me;
  /** On small screens, where it is folded away. */
  readonly open: Signal<boolean>;
  readonly showShortcuts: Signal<boolean>;
}

export function Navigation({ me, open, showShortcuts }: NavigationProps) {
  const changing = useSignal(false);
  const leave = (): void => void signOut().catch((fault: unknown) => tell(problemOf(fault).message, 'bad'));
  return (
    <nav id="navigation" class="navigation" data-open={open.value} aria-label="Pages">
      <a class="brand" href="/">
        <Icon name="postern" />
        <span>Postern</span>
      </a>
      <ul>
        {menuPages().map((page) => (
          <Entry key={page.path} page={page} />
        ))}
      </ul>
      <div class="navigation-foot">
        <ConnectionMark />
        <button
          type="button"
          class="quiet-button"
          onClick={() => {
            showShortcuts.value = true;
          }}
        >
          <Icon name="keyboard" />
          <span>Shortcuts</span>
          <kbd>?</kbd>
        </button>
        <button type="button" class="quiet-button" onClick={nextTheme}>
          <Icon name={theme.value === 'dark' ? 'dark' : theme.value === 'light' ? 'light' : 'system'} />
          <span>Theme: {theme}</span>
        </button>
        <div class="me">
          <span class="me-name">
            <Untrusted text={me.id} most={40} />
          </span>
          <span class="me-roles">{me.roles.join(', ') || 'no role'}</span>
        </div>
        <button
          type="button"
          class="quiet-button"
          onClick={() => {
            changing.value = true;
          }}
        >
          <Icon name="grants" />
          <span>Password …</span>
        </button>
        <button type="button" class="quiet-button" onClick={leave}>
          <Icon name="leave" />
          <span>Sign out</span>
        </button>
      </div>
      <PasswordDialog
        account={me.id}
        open={changing.value}
        close={() => {
          changing.value = false;
        }}
      />
    </nav>
  );
}

function Entry({ page }: { readonly page: MenuPage }) {
  const { path } = useLocation();
  const count = badgeOf(page.path).value;
  return (
    <li>
      <a href={page.path} aria-current={isWithin(path, page) ? 'page' : undefined}>
        <Icon name={page.menu.icon} />
        <span>{page.title}</span>
        {count > 0 && <span class="badge number">{count > 999 ? '999+' : count}</span>}
      </a>
    </li>
  );
}

function ConnectionMark() {
  const { label, state } = CONNECTION[connection.value];
  return (
    <output class="connection" data-state={state}>
      <span class="dot" aria-hidden="true" />
      {label}
    </output>
  );
}

const CONNECTION = {
  open: { label: 'Live', state: 'good' },
  opening: { label: 'Connecting', state: 'waiting' },
  lost: { label: 'Connection lost, trying again', state: 'bad' },
  resting: { label: 'Paused while hidden', state: 'waiting' },
} as const;
