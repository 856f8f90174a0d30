import { useSignal } from '@preact/signals';
import type { Account } from '../../api/answers.ts';
import { post, put } from '../../api/client.ts';
import { type Problem, problemOf } from '../../api/problem.ts';
import { Dialog } from '../../components/dialog.tsx';
import { ProblemNotice } from '../../components/problem-notice.tsx';
import { tell } from '../../components/toasts.tsx';
import { freshPassword } from './fresh-password.ts';
import { MembershipFields, membershipIn } from './membership-fields.tsx';
import { SecretOnce } from './secret-once.tsx';

interface AccountDialogProps {
  /** null: a new one. */
  readonly account: Account | null;
  readonly open: boolean;
  readonly close: () => void;
}

/** Whoever is invited gets a password that they change for one of their own. */
export function AccountDialog({ account, open, close }: AccountDialogProps) {
  const problem = useSignal<Problem | null>(null);
  const busy = useSignal(false);
  const made = useSignal<{ readonly id: string; readonly password: string } | null>(null);
  const leave = (): void => {
    made.value = null;
    problem.value = null;
    close();
  };
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    busy.value = true;
    problem.value = null;
    try {
      if (account === null) made.value = await invited(form);
      else {
        await put(`/v1/accounts/${encodeURIComponent(account.id)}/membership`, membershipIn(form));
        tell(`Changed: ${account.id}`);
        leave();
      }
    } catch (fault) {
      problem.value = problemOf(fault);
    }
    busy.value = false;
  };
  return (
    <Dialog title={account === null ? 'Invite somebody' : `Change ${account.id}`} open={open} close={leave}>
      {made.value ? (
        <SecretOnce secret={made.value.password} label="Password" close={leave}>
          Give <strong>{made.value.id}</strong> this password. They set one of their own by{' '}
          <em>Password …</em> in the menu, once they have signed in.
        </SecretOnce>
      ) : (
        <form class="fields" onSubmit={(event) => void submit(event)}>
          {problem.value && <ProblemNotice problem={problem.value} />}
          {account === null && (
            <label>
              Account: small letters, digits and . _ @ + -
              <input
                name="id"
                required
                maxLength={128}
                pattern="[a-z0-9][a-z0-9._@+\-]*"
                spellcheck={false}
                autocapitalize="none"
                autocomplete="off"
                autofocus
              />
            </label>
          )}
          <MembershipFields
            roles={account?.roles ?? ['requester']}
            teams={account?.teams ?? []}
            groups={account?.groups ?? []}
          />
          <div class="dialog-buttons">
            <button type="submit" class="button primary" disabled={busy.value}>
              {account === null ? 'Make the account' : 'Change it'}
            </button>
          </div>
        </form>
      )}
    </Dialog>
  );
}

async function invited(form: FormData): Promise<{ readonly id: string; readonly password: string }> {
  const [id, password] = [String(form.get('id')), freshPassword()];
  await post('/v1/accounts', { id, password, ...membershipIn(form) });
  return { id, password };
}
