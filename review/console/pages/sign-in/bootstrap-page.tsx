import { useSignal } from '@preact/signals';
import { post } from '../../api/client.ts';
import { type Problem, problemOf } from '../../api/problem.ts';
import { Icon } from '../../components/icon.tsx';
import { ProblemNotice } from '../../components/problem-notice.tsx';
import { signIn } from '../../state/who.ts';

/** The API's least. */
const MIN_PASSWORD = 12;

/** Where the link leads that is printed while there is no account: its code stands behind the `#`, which no server sees. */
export function BootstrapPage() {
  const problem = useSignal<Problem | null>(null);
  const busy = useSignal(false);

  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const [code, account, password] = ['code', 'account', 'password'].map((name) => String(form.get(name)));
    busy.value = true;
    problem.value = null;
    try {
      await post('/v1/bootstrap', { code, account, password });
      history.replaceState(null, '', '/');
      await signIn(account!, password!);
    } catch (fault) {
      problem.value = problemOf(fault);
    }
    busy.value = false;
  };

  return (
    <main class="alone">
      <form class="card sign-in" onSubmit={(event) => void submit(event)}>
        <h1>
          <Icon name="postern" /> Postern
        </h1>
        <p>
          Make the first account. It is an admin's: it makes further accounts and tokens, and decides on
          nothing.
        </p>
        {problem.value && <ProblemNotice problem={problem.value} />}
        <label>
          One-time code
          <input
            name="code"
            defaultValue={location.hash.slice(1)}
            autocomplete="off"
            spellcheck={false}
            required
          />
        </label>
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
          Password, {MIN_PASSWORD} characters or more
          <input
            name="password"
            type="password"
            autocomplete="new-password"
            minLength={MIN_PASSWORD}
            required
          />
        </label>
        <button type="submit" class="button primary" disabled={busy}>
          Make it and sign in
        </button>
      </form>
    </main>
  );
}
