/** Statements that wait for a reviewer: their clients hang until somebody decides. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { Held } from '../api/answers.ts';
import { post } from '../api/client.ts';
import { problemOf } from '../api/problem.ts';
import { Dialog } from '../components/dialog.tsx';
import { Icon } from '../components/icon.tsx';
import { SqlText } from '../components/sql-text.tsx';
import { Countdown } from '../components/time.tsx';
import { tell } from '../components/toasts.tsx';
import { Untrusted } from '../components/untrusted.tsx';
import { followHolds, pendingHolds } from '../state/holds.ts';
import { hasRole } from '../state/who.ts';

export function HoldsBanner() {
  useEffect(followHolds, []);
  const looking = useSignal<Held | null>(null);
  if (pendingHolds.value.length === 0) return null;
  return (
    <section class="holds" aria-label="Statements that wait for a reviewer">
      <ul>
        {pendingHolds.value.map((held) => (
          <li key={held.id} class="hold-line">
            <Icon name="hold" />
            <span class="hold-who">
              <strong>
                <Untrusted text={held.principal.id} most={60} />
              </strong>{' '}
              on <Untrusted text={held.database} most={60} /> waits
            </span>
            <code class="hold-sql">
              <Untrusted text={held.statement.sql} most={160} />
            </code>
            <span class="hold-left">
              <Countdown to={held.expiresAt} done="over" />
            </span>
            <button
              type="button"
              class="button"
              onClick={() => {
                looking.value = held;
              }}
            >
              {hasRole('reviewer') ? 'Review' : 'Look'}
            </button>
          </li>
        ))}
      </ul>
      <HoldDialog
        held={looking.value}
        close={() => {
          looking.value = null;
        }}
      />
    </section>
  );
}

function HoldDialog({ held, close }: { readonly held: Held | null; readonly close: () => void }) {
  const words = useSignal('');
  const decide = async (verb: 'approve' | 'deny', body: object): Promise<void> => {
    try {
      await post(`/v1/holds/${held!.id}/${verb}`, body);
      tell(verb === 'approve' ? 'Approved: it runs once' : 'Denied');
    } catch (fault) {
      tell(problemOf(fault).message, 'bad');
    }
    words.value = '';
    close();
  };
  return (
    <Dialog title="A statement waits" open={held !== null} close={close}>
      {held && (
        <>
          <p>
            <strong>
              <Untrusted text={held.principal.id} />
            </strong>{' '}
            on <Untrusted text={held.database} />, by grant{' '}
            <a href={`/grants?id=${held.grant}`}>{held.grant}</a>, in{' '}
            <a href={`/sessions/${held.session}`}>this session</a>. It is refused in{' '}
            <Countdown to={held.expiresAt} done="no time" />.
          </p>
          <SqlText sql={held.statement.sql} />
          <ul class="reasons">
            {held.statement.reasons.map((reason) => (
              <li key={reason}>
                <Untrusted text={reason} />
              </li>
            ))}
          </ul>
          {hasRole('reviewer') && (
            <form class="decide" onSubmit={(event) => event.preventDefault()}>
              <label>
                Comment, or the reason of a denial, which is shown to whoever runs it
                <input value={words} onInput={(event) => (words.value = event.currentTarget.value)} />
              </label>
              <div class="dialog-buttons">
                <button
                  type="button"
                  class="button"
                  disabled={words.value.trim() === ''}
                  onClick={() => void decide('deny', { reason: words.value })}
                >
                  <Icon name="deny" /> Deny
                </button>
                <button
                  type="button"
                  class="button primary"
                  onClick={() => void decide('approve', { comment: words.value })}
                >
                  <Icon name="allow" /> Approve once
                </button>
              </div>
            </form>
          )}
        </>
      )}
    </Dialog>
  );
}
