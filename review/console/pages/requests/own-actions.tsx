import { useSignal } from '@preact/signals';
import type { AccessRequest, Me } from '../../api/answers.ts';
import { post } from '../../api/client.ts';
import { problemOf } from '../../api/problem.ts';
import { Dialog } from '../../components/dialog.tsx';
import { tell } from '../../components/toasts.tsx';
import { grants } from '../../state/grants.ts';

interface OwnActionsProps {
  readonly me: Me;
  readonly request: AccessRequest;
  readonly done: () => void;
}

/** What whoever asked can do about it: take it back, ask for more time, give the grant back. */
export function OwnActions({ me, request, done }: OwnActionsProps) {
  const extending = useSignal(false);
  const { id, principal, state } = request;
  if (principal.id !== me.id || !me.roles.includes('requester')) return null;
  const act = async (path: string, said: string): Promise<void> => {
    await post(path).then(
      () => tell(said),
      (fault: unknown) => tell(problemOf(fault).message, 'bad'),
    );
    done();
  };
  if (state.kind === 'pending')
    return (
      <div class="dialog-buttons">
        <button
          type="button"
          class="button"
          onClick={() => void act(`/v1/requests/${id}/withdraw`, 'Withdrawn')}
        >
          Withdraw it
        </button>
      </div>
    );
  if (state.kind !== 'approved' || !grants.value.has(state.grant)) return null;
  return (
    <div class="dialog-buttons">
      <button
        type="button"
        class="button"
        onClick={() => void act(`/v1/grants/${state.grant}/return`, 'Given back: its sessions have ended')}
      >
        Give it back
      </button>
      <button type="button" class="button" onClick={() => (extending.value = true)}>
        Ask for more time …
      </button>
      <ExtendDialog id={id} open={extending.value} close={() => (extending.value = false)} />
    </div>
  );
}

interface ExtendDialogProps {
  readonly id: string;
  readonly open: boolean;
  readonly close: () => void;
}

function ExtendDialog({ id, open, close }: ExtendDialogProps) {
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    await post<AccessRequest>(`/v1/requests/${id}/extend`, {
      ttl: form.get('ttl'),
      reason: form.get('reason'),
    }).then(
      ({ state }) => {
        tell(state.kind === 'approved' ? 'It ends later now' : 'Somebody has to approve that');
        close();
      },
      (fault: unknown) => tell(problemOf(fault).message, 'bad'),
    );
  };
  return (
    <Dialog title="More time" open={open} close={close}>
      <form class="fields" onSubmit={(event) => void submit(event)}>
        <p>Its token and its sessions live on.</p>
        <label>
          How much longer
          <input name="ttl" required defaultValue="30m" pattern="[0-9]+[smhd]" title="Such as 30m or 2h" />
        </label>
        <label>
          What for
          <textarea name="reason" rows={3} required maxLength={2_000} />
        </label>
        <div class="dialog-buttons">
          <button type="submit" class="button primary">
            Ask
          </button>
        </div>
      </form>
    </Dialog>
  );
}
