import { useSignal } from '@preact/signals';
import type { Answers } from '../../api/answers.ts';
import { post } from '../../api/client.ts';
import { problemOf } from '../../api/problem.ts';
import { Dialog } from '../../components/dialog.tsx';
import { tell } from '../../components/toasts.tsx';
import { Untrusted } from '../../components/untrusted.tsx';
import type { Ending } from './endings.ts';

interface EndGrantDialogProps {
  readonly grant: Answers['getGrant'];
  /** null: it is closed. */
  readonly ending: Ending | null;
  readonly close: () => void;
}

/** After a second thought: it can't be taken back. */
export function EndGrantDialog({ grant, ending, close }: EndGrantDialogProps) {
  const busy = useSignal(false);
  const end = async ({ verb, done }: Ending): Promise<void> => {
    busy.value = true;
    await post(`/v1/grants/${grant.id}/${verb}`).then(
      () => tell(`${done}: grant ${grant.id}`),
      (fault: unknown) => tell(problemOf(fault).message, 'bad'),
    );
    busy.value = false;
    close();
  };
  const count = grant.sessions.length;
  return (
    <Dialog
      title={ending?.verb === 'return' ? 'Give this grant back?' : 'Revoke this grant?'}
      open={ending !== null}
      close={close}
    >
      <p>
        <strong>
          <Untrusted text={grant.principal.id} />
        </strong>{' '}
        can't connect to <Untrusted text={grant.database} /> by it any more.{' '}
        {count === 0
          ? 'None of its sessions is open.'
          : `${count === 1 ? 'Its open session ends' : `Its ${count} open sessions end`} at once; what runs is cancelled, and open transactions are rolled back.`}
      </p>
      <div class="dialog-buttons">
        <button type="button" class="button" onClick={close}>
          Leave it
        </button>
        <button
          type="button"
          class="button danger primary"
          disabled={busy.value}
          onClick={() => ending && void end(ending)}
        >
          {ending?.label}
        </button>
      </div>
    </Dialog>
  );
}
