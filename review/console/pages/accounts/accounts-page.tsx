/** Who may sign in, and as what; tokens of services and agents. */
import { useSignal } from '@preact/signals';
import { useLocation } from 'preact-iso/router';
import type { Account, Answers, ApiToken } from '../../api/answers.ts';
import { useAnswer } from '../../api/use-answer.ts';
import { EmptyState } from '../../components/empty-state.tsx';
import { FilterBox } from '../../components/filter-box.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { ProblemNotice } from '../../components/problem-notice.tsx';
import { useAddressFilter } from '../../components/use-address-filter.ts';
import { ViewTabs } from '../../components/view-tabs.tsx';
import { hasRole } from '../../state/who.ts';
import { AccountDialog } from './account-dialog.tsx';
import { AccountTable } from './account-table.tsx';
import { type Act, ActDialog } from './act-dialog.tsx';
import { Tampered } from './tampered.tsx';
import { TokenDialog } from './token-dialog.tsx';
import { TokenTable } from './token-table.tsx';

/** What is being made or changed. */
export type Editing =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'account'; readonly account: Account | null }
  | { readonly kind: 'token' }
  | { readonly kind: 'act'; readonly act: Act };

export function AccountsPage() {
  const { query } = useLocation();
  const { filter: find, change } = useAddressFilter();
  const tokens = query.view === 'tokens';
  const people = useAnswer<Answers['listAccounts']>('/v1/accounts');
  const keys = useAnswer<Answers['listTokens']>('/v1/tokens');
  const editing = useSignal<Editing>({ kind: 'nothing' });
  const close = (): void => {
    editing.value = { kind: 'nothing' };
    people.again();
    keys.again();
  };
  const edit = (next: Editing): void => {
    editing.value = next;
  };
  const filter = find.value;
  const asked = tokens ? keys : people;
  const open = editing.value;
  return (
    <>
      <PageHeader title="Accounts">
        <ViewTabs
          label="Views of accounts"
          shown={tokens ? 'API tokens' : 'People'}
          views={[
            { name: 'People', href: '/accounts', ...countOf(people.answer?.accounts) },
            { name: 'API tokens', href: '/accounts?view=tokens', ...countOf(keys.answer?.tokens) },
          ]}
        />
        <FilterBox label="Filter by anything shown" value={filter} change={change} />
        {hasRole('admin') && (
          <button
            type="button"
            class="button primary"
            onClick={() => edit(tokens ? { kind: 'token' } : { kind: 'account', account: null })}
          >
            {tokens ? 'Make a token' : 'Invite somebody'}
          </button>
        )}
      </PageHeader>
      {asked.problem && <ProblemNotice problem={asked.problem} retry={asked.again} />}
      <Tampered names={asked.answer?.tampered ?? []} />
      <div class="accounts">
        {tokens ? (
          <Tokens tokens={keys.answer?.tokens ?? null} filter={filter} edit={edit} />
        ) : (
          <People accounts={people.answer?.accounts ?? null} filter={filter} edit={edit} />
        )}
      </div>
      <AccountDialog
        key={open.kind === 'account' ? (open.account?.id ?? 'new') : 'none'}
        account={open.kind === 'account' ? open.account : null}
        open={open.kind === 'account'}
        close={close}
      />
      <TokenDialog open={open.kind === 'token'} close={close} />
      <ActDialog act={open.kind === 'act' ? open.act : null} close={close} />
    </>
  );
}

const countOf = (all: readonly unknown[] | undefined): { readonly count?: number } =>
  all === undefined ? {} : { count: all.length };

interface ListProps {
  readonly filter: string;
  readonly edit: (next: Editing) => void;
}

function People({ accounts, filter, edit }: ListProps & { readonly accounts: readonly Account[] | null }) {
  if (accounts === null) return <p class="loading">Looking for accounts …</p>;
  if (accounts.length === 0)
    return (
      <EmptyState title="There is no local account">
        Whoever signs in does so by the identity provider; their teams, groups and roles come from there.
      </EmptyState>
    );
  const found = accounts.filter(({ id, roles, teams, groups }) =>
    isFound([id, ...roles, ...teams, ...groups], filter),
  );
  return found.length === 0 ? <NoMatch /> : <AccountTable accounts={found} edit={edit} />;
}

function Tokens({ tokens, filter, edit }: ListProps & { readonly tokens: readonly ApiToken[] | null }) {
  if (tokens === null) return <p class="loading">Looking for tokens …</p>;
  if (tokens.length === 0)
    return (
      <EmptyState title="There is no API token" command="bin/postern token create --for ci --ttl 30d">
        Services and agents prove themselves by one. Made here, or by this:
      </EmptyState>
    );
  const found = tokens.filter(({ id, principal, actsFor, roles, teams, databases }) =>
    isFound([id, principal, actsFor ?? '', ...roles, ...teams, ...(databases ?? [])], filter),
  );
  return found.length === 0 ? <NoMatch /> : <TokenTable tokens={found} edit={edit} />;
}

const NoMatch = () => <EmptyState title="Nothing matches">Clear the filter to see all of them.</EmptyState>;

const isFound = (texts: readonly string[], filter: string): boolean =>
  texts.some((text) => text.toLowerCase().includes(filter.trim().toLowerCase()));
