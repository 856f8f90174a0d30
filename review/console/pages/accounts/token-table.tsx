import type { ApiToken } from '../../api/answers.ts';
import { Countdown, TimeAgo } from '../../components/time.tsx';
import { Untrusted } from '../../components/untrusted.tsx';
import { hasRole } from '../../state/who.ts';
import type { Editing } from './accounts-page.tsx';
import { Names } from './names.tsx';

interface TokenTableProps {
  readonly tokens: readonly ApiToken[];
  readonly edit: (next: Editing) => void;
}

export function TokenTable({ tokens, edit }: TokenTableProps) {
  return (
    <table class="table">
      <thead>
        <tr>
          <th scope="col">For</th>
          <th scope="col">Roles</th>
          <th scope="col">Teams</th>
          <th scope="col">Databases</th>
          <th scope="col">Made</th>
          <th scope="col">Ends</th>
          {hasRole('admin') && (
            <th scope="col">
              <span class="visually-hidden">Actions</span>
            </th>
          )}
        </tr>
      </thead>
      <tbody>
        {tokens.map((token) => (
          <tr key={token.id} data-off={token.revokedAt !== null || undefined}>
            <th scope="row">
              <span class="account-name">
                <Untrusted text={token.principal} most={128} />
              </span>
              <span class="second">
                {token.kind}
                {token.actsFor !== null && (
                  <>
                    {' '}
                    of <Untrusted text={token.actsFor} most={128} />
                  </>
                )}{' '}
                · {token.id}
              </span>
            </th>
            <td class="account-roles">{token.roles.join(', ')}</td>
            <td data-label="Teams">
              <Names names={token.teams} />
            </td>
            <td data-label="Databases">
              <Names names={token.databases ?? []} none="all" />
            </td>
            <td class="second" data-label="Made">
              <TimeAgo at={token.createdAt} /> by <Untrusted text={token.createdBy} most={128} />
            </td>
            <td class="number" data-label="Ends">
              {token.revokedAt === null ? (
                <Countdown to={token.expiresAt} done="over" />
              ) : (
                <span class="mark-bad">
                  revoked <TimeAgo at={token.revokedAt} />
                </span>
              )}
            </td>
            {hasRole('admin') && (
              <td class="account-acts">
                {token.revokedAt === null && (
                  <button
                    type="button"
                    class="button small"
                    aria-label={`Revoke the token ${token.id} of ${token.principal}`}
                    onClick={() =>
                      edit({ kind: 'act', act: { kind: 'revoke', id: token.id, of: token.principal } })
                    }
                  >
                    Revoke …
                  </button>
                )}
              </td>
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
