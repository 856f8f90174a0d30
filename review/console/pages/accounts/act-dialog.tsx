import { useSignal } from '@preact/signals';
import { post } from '../../api/client.ts';
import { type Problem, problemOf } from '../../api/problem.ts';
import { Dialog } from '../../components/dialog.tsx';
import { ProblemNotice } from '../../components/problem-notice.tsx';
import { tell } from '../../components/toasts.tsx';
import { freshPassword } from './fresh-password.ts';
import { SecretOnce } from './secret-once.tsx';

/** What is done after a second thought. */
export type Act =
  | { readonly kind: 'disable' | 'enable' | 'password'; readonly id: string }
  | { readonly kind: 'revoke'; readonly id: string; readonly of: string };

interface Words {
  readonly title: string;
  readonly text: string;
  readonly button: string;
}

const WORDS: Readonly<Record<Act['kind'], (name: string) => Words>> = {
  disable: (name) => ({
    title: `Deactivate ${name}?`,
    text: 'They are signed out at once, and can not sign in, neither by password nor by the identity provider. Their grants stay: revoke those by themselves.',
    button: 'Deactivate',
  }),
  enable: (name) => ({
    title: `Activate ${name}?`,
    text: 'They can sign in again, with the roles that they had.',
    button: 'Activate',
  }),
  password: (name) => ({
    title: `A new password for ${name}?`,
    text: 'The one that they have is good no longer, and they are signed out everywhere.',
    button: 'Set a new password',
  }),
  revoke: (name) => ({
    title: `Revoke this token of ${name}?`,
    text: 'Whoever uses it is refused from now on. Grants that came of it stay.',
    button: 'Revoke',
  }),
};

export function ActDialog({ act, close }: { readonly act: Act | null; readonly close: () => void }) {
  const problem = useSignal<Problem | null>(null);
  const busy = useSignal(false);
  const password = useSignal<string | null>(null);
  const leave = (): void => {
    password.value = null;
    problem.value = null;
    close();
  };
  const run = async (wanted: Act): Promise<void> => {
    busy.value = true;
    problem.value = null;
    try {
      password.value = await done(wanted);
      if (password.value === null) {
        tell(`Done: ${WORDS[wanted.kind]('').button.toLowerCase()}`);
        leave();
      }
    } catch (fault) {
      problem.value = problemOf(fault);
    }
    busy.value = false;
  };
  const words = act && WORDS[act.kind](act.kind === 'revoke' ? act.of : act.id);
  return (
    <Dialog title={words?.title ?? ''} open={act !== null} close={leave}>
      {problem.value && <ProblemNotice problem={problem.value} />}
      {password.value !== null && act !== null ? (
        <SecretOnce secret={password.value} label="Password" close={leave}>
          Give it to <strong>{act.id}</strong>, who sets one of their own by <em>Password …</em> in the menu.
        </SecretOnce>
      ) : (
        <>
          <p>{words?.text}</p>
          <div class="dialog-buttons">
            <button type="button" class="button" onClick={leave}>
              Leave it
            </button>
            <button
              type="button"
              class={act?.kind === 'enable' ? 'button primary' : 'button danger primary'}
              disabled={busy.value}
              onClick={() => act && void run(act)}
            >
              {words?.button}
            </button>
          </div>
        </>
      )}
    </Dialog>
  );
}

/** The password that was set; null: none was. */
async function done({ kind, id }: Act): Promise<string | null> {
  const name = encodeURIComponent(id);
  if (kind === 'revoke') {
    await post(`/v1/tokens/${name}/revoke`);
    return null;
  }
  if (kind !== 'password') {
    await post(`/v1/accounts/${name}/${kind}`);
    return null;
  }
  const password = freshPassword();
  await post(`/v1/accounts/${name}/password`, { password });
  return password;
}
