import { useSignal } from '@preact/signals';
import type { Session } from '../../api/answers.ts';
import { post } from '../../api/client.ts';
import { problemOf } from '../../api/problem.ts';
import { Dialog } from '../../components/dialog.tsx';
import { tell } from '../../components/toasts.tsx';
import { Untrusted } from '../../components/untrusted.tsx';
import { openSessions } from '../../state/sessions.ts';
import { visible } from '../../text/visible.ts';

interface EndDialogProps {
  /** null: it is closed. */
  readonly session: Session | null;
  readonly close: () => void;
}

/** Ends one session, or the grant and with it all of its sessions, after a second thought. */
export function EndDialog({ session, close }: EndDialogProps) {
  return (
    <Dialog title="End this session?" open={session !== null} close={close}>
      {session && <Choice session={session} close={close} />}
    </Dialog>
  );
}

function Choice({ session, close }: { readonly session: Session; readonly close: () => void }) {
  const busy = useSignal(false);
  const { session: id, principal, database, grant } = session;
  const others = openSessions.value.filter((other) => other.peek().grant === grant).length;

  const act = async (path: string, done: string): Promise<void> => {
    busy.value = true;
    await post(path).then(
      () => tell(done),
      (fault: unknown) => tell(problemOf(fault).message, 'bad'),
    );
    close();
  };

  return (
    <>
      <p>
        <strong>
          <Untrusted text={principal} />
        </strong>{' '}
        on <Untrusted text={database} /> is told that it was ended, and by whom. What runs now is cancelled; a
        transaction that is open is rolled back.
      </p>
      <p>
        Ended alone, they can connect again while grant <code>{grant}</code> is in force. Revoked, they can't,
        and {others === 1 ? 'this session ends' : `${others} sessions end`}.
      </p>
      <div class="dialog-buttons">
        <button type="button" class="button" onClick={close}>
          Leave it
        </button>
        <button
          type="button"
          class="button danger"
          disabled={busy}
          onClick={() => void act(`/v1/grants/${grant}/revoke`, `Grant ${grant} is revoked`)}
        >
          Revoke the grant
        </button>
        <button
          type="button"
          class="button danger primary"
          disabled={busy}
          onClick={() => void act(`/v1/sessions/${id}/end`, `The session of ${visible(principal)} is ended`)}
        >
          End the session
        </button>
      </div>
    </>
  );
}
