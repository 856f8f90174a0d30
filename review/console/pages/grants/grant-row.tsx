import type { Grant } from '../../api/answers.ts';
import { Countdown } from '../../components/time.tsx';
import { Untrusted } from '../../components/untrusted.tsx';

export function GrantRow({ grant }: { readonly grant: Grant }) {
  const { principal, database, reason, expiresAt, scope } = grant;
  return (
    <div role="cell" class="grant-row">
      <span class="request-line">
        <span class="clip">
          <strong>
            <Untrusted text={principal.id} most={60} />
          </strong>{' '}
          <span class="second">
            on <Untrusted text={database} most={63} />
          </span>
        </span>
        <Countdown to={expiresAt} done="over" />
      </span>
      <span class="clip">
        {reason === '' ? <span class="second">no reason given</span> : <Untrusted text={reason} most={160} />}
      </span>
      <code class="clip second">
        <Untrusted text={scope.flatMap(({ on }) => on).join(' ')} most={120} />
      </code>
    </div>
  );
}
