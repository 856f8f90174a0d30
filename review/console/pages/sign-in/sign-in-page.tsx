import { useSignal } from '@preact/signals';
import type { Bootstrap } from '../../api/answers.ts';
import { type Problem, problemOf } from '../../api/problem.ts';
import { useAnswer } from '../../api/use-answer.ts';
import { Icon } from '../../components/icon.tsx';
import { ProblemNotice } from '../../components/problem-notice.tsx';
import { keepWayBack } from '../../state/way-back.ts';
import { signIn } from '../../state/who.ts';
import { PROVIDER_LOGIN } from './provider-login.ts';

interface SignInPageProps {
  readonly expired: boolean;
}

export function SignInPage({ expired }: SignInPageProps) {
  const problem = useSignal<Problem | null>(null);
  const busy = useSignal(false);
  const { answer: bootstrap } = useAnswer<Bootstrap>('/v1/bootstrap');

  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    busy.value = true;
    problem.value = null;
    await signIn(String(form.get('account')), String(form.get('password'))).catch((fault: unknown) => {
      problem.value = problemOf(fault);
    });
    busy.value = false;
  };

  return (
    <main class="alone">
      <form class="card sign-in" onSubmit={(event) => void submit(event)}>
        <h1>
          <Icon name="postern" /> Postern
        </h1>
        {expired && problem.value === null && (
          <p class="notice" role="status">
            Your login has ended. Sign in to go on where you were.
          </p>
        )}
        {bootstrap?.needed === true && (
          <p class="notice" role="status">
            There is no account yet. The link that Postern printed when it started lets you make the first
            one.
          </p>
        )}
        {problem.value && <ProblemNotice problem={problem.value} />}
        <label>
          Account
          <input
            name="account"
            autocomplete="username"
            autocapitalize="none"
            spellcheck={false}
            required
            autofocus
          />
        </label>
        <label>
          Password
          <input name="password" type="password" autocomplete="current-password" required />
        </label>
        <button type="submit" class="button primary" disabled={busy}>
          Sign in
        </button>
        {PROVIDER_LOGIN !== null && (
          <>
            <div class="or">or</div>
            <a class="button" href={PROVIDER_LOGIN} onClick={keepWayBack}>
              Sign in with your identity provider
            </a>
          </>
        )}
      </form>
    </main>
  );
}
