import { useSignal } from '@preact/signals';
import { post } from '../api/client.ts';
import { type Problem, problemOf } from '../api/problem.ts';
import { Dialog } from '../components/dialog.tsx';
import { ProblemNotice } from '../components/problem-notice.tsx';
import { tell } from '../components/toasts.tsx';
import { signIn } from '../state/who.ts';

interface PasswordDialogProps {
  readonly account: string;
  readonly open: boolean;
  readonly close: () => void;
}

/** One of their own. It ends all logins; this browser is signed in again. */
export function PasswordDialog({ account, open, close }: PasswordDialogProps) {
  const problem = useSignal<Problem | null>(null);
  const busy = useSignal(false);
  const leave = (): void => {
    problem.value = null;
    close();
  };
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const [current, password] = [String(form.get('current')), String(form.get('password'))];
    busy.value = true;
    problem.value = null;
    try {
      await post('/v1/me/password', { current, password });
      await signIn(account, password);
      tell('You have a new password; other browsers are signed out');
      leave();
    } catch (fault) {
      problem.value = problemOf(fault);
    }
    busy.value = false;
  };
  return (
    <Dialog title="Change your password" open={open} close={leave}>
      <form class="fields" onSubmit={(event) => void submit(event)}>
        {problem.value && <ProblemNotice problem={problem.value} />}
        <input type="hidden" name="username" autocomplete="username" value={account} />
        <label>
          The one that you have
          <input name="current" type="password" autocomplete="current-password" required autofocus />
        </label>
        <label>
          A new one, 12 characters or more
          <input name="password" type="password" autocomplete="new-password" minLength={12} required />
        </label>
        <p class="second">
          Whoever signs in by the identity provider has their password there. All other browsers where you are
          signed in are signed out.
        </p>
        <div class="dialog-buttons">
          <button type="submit" class="button primary" disabled={busy.value}>
            Change it
          </button>
        </div>
      </form>
    </Dialog>
  );
}
