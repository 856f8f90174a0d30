import type { Account } from '../../api/answers.ts';
import { TimeAgo } from '../../components/time.tsx';
import { Untrusted } from '../../components/untrusted.tsx';
import { hasRole, who } from '../../state/who.ts';
import type { Editing } from './accounts-page.tsx';
import { Names } from './names.tsx';

interface AccountTableProps {
  readonly accounts: readonly Account[];
  readonly edit: (next: Editing) => void;
}

export function AccountTable({ accounts, edit }: AccountTableProps) {
  return (
    <table class="table">
      <thead>
        <tr>
          <th scope="col">Account</th>
          <th scope="col">Roles</th>
          <th scope="col">Teams</th>
          <th scope="col">Groups</th>
          <th scope="col">Made</th>
          {hasRole('admin') && (
            <th scope="col">
              <span class="visually-hidden">Actions</span>
            </th>
          )}
        </tr>
      </thead>
      <tbody>
        {accounts.map((account) => (
          <tr key={account.id} data-off={account.disabled || undefined}>
            <th scope="row">
              <span class="account-name">
                <Untrusted text={account.id} most={128} />
              </span>
              {account.disabled && <span class="mark-bad">deactivated</span>}
            </th>
            <td class="account-roles">{account.roles.join(', ') || <span class="second">none</span>}</td>
            <td data-label="Teams">
              <Names names={account.teams} />
            </td>
            <td data-label="Groups">
              <Names names={account.groups} />
            </td>
            <td class="second" data-label="Made">
              <TimeAgo at={account.createdAt} /> by <Untrusted text={account.createdBy} most={128} />
            </td>
            {hasRole('admin') && (
              <td class="account-acts">
                <Acts account={account} edit={edit} />
              </td>
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Nobody gives rights to themselves, or locks themselves out. */
function Acts({ account, edit }: { readonly account: Account; readonly edit: (next: Editing) => void }) {
  const { id, disabled } = account;
  if (who.value.kind === 'known' && who.value.me.id === id) return <span class="second">this is you</span>;
  return (
    <>
      <button
        type="button"
        class="button small"
        aria-label={`Change ${id}`}
        onClick={() => edit({ kind: 'account', account })}
      >
        Change …
      </button>
      <button
        type="button"
        class="button small"
        aria-label={`New password of ${id}`}
        onClick={() => edit({ kind: 'act', act: { kind: 'password', id } })}
      >
        New password …
      </button>
      <button
        type="button"
        class="button small"
        aria-label={`${disabled ? 'Activate' : 'Deactivate'} ${id}`}
        onClick={() => edit({ kind: 'act', act: { kind: disabled ? 'enable' : 'disable', id } })}
      >
        {disabled ? 'Activate …' : 'Deactivate …'}
      </button>
    </>
  );
}
