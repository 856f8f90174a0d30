import { useSignal } from '@preact/signals';
import type { Answers } from '../../api/answers.ts';
import { post } from '../../api/client.ts';
import { type Problem, problemOf } from '../../api/problem.ts';
import { Dialog } from '../../components/dialog.tsx';
import { ProblemNotice } from '../../components/problem-notice.tsx';
import { linesIn, MembershipFields, membershipIn } from './membership-fields.tsx';
import { SecretOnce } from './secret-once.tsx';

interface TokenDialogProps {
  readonly open: boolean;
  readonly close: () => void;
}

export function TokenDialog({ open, close }: TokenDialogProps) {
  const problem = useSignal<Problem | null>(null);
  const busy = useSignal(false);
  const agent = useSignal(false);
  const made = useSignal<Answers['createToken'] | null>(null);
  const leave = (): void => {
    made.value = null;
    problem.value = null;
    agent.value = false;
    close();
  };
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    busy.value = true;
    problem.value = null;
    try {
      const body = bodyOf(new FormData(event.currentTarget as HTMLFormElement));
      made.value = await post<Answers['createToken']>('/v1/tokens', body);
    } catch (fault) {
      problem.value = problemOf(fault);
    }
    busy.value = false;
  };
  return (
    <Dialog title="Make an API token" open={open} close={leave}>
      {made.value ? (
        <SecretOnce secret={made.value.secret} label="API token" close={leave}>
          <strong>{made.value.token.principal}</strong> sends it as <code>Authorization: Bearer …</code>
        </SecretOnce>
      ) : (
        <form class="fields" onSubmit={(event) => void submit(event)}>
          {problem.value && <ProblemNotice problem={problem.value} />}
          <div class="field-row">
            <label>
              Name of the service or agent
              <input
                name="principal"
                required
                maxLength={128}
                pattern="[a-z0-9][a-z0-9._@+\-]*"
                spellcheck={false}
                autocapitalize="none"
                autocomplete="off"
                autofocus
              />
            </label>
            <label>
              For how long
              <input
                name="ttl"
                required
                defaultValue="30d"
                pattern="[0-9]+[smhd]"
                title="Such as 12h or 30d"
              />
            </label>
          </div>
          <label class="check">
            <input
              type="checkbox"
              name="agent"
              checked={agent.value}
              onChange={(event) => {
                agent.value = event.currentTarget.checked;
              }}
            />
            It is an agent, which works for somebody
          </label>
          {agent.value && (
            <label>
              For whom it works
              <input name="actsFor" required maxLength={128} spellcheck={false} autocapitalize="none" />
            </label>
          )}
          <MembershipFields
            roles={['requester']}
            teams={[]}
            groups={[]}
            without={agent.value ? ['reviewer', 'admin'] : []}
          />
          <label>
            Databases, one a line; empty: all
            <textarea name="databases" rows={2} spellcheck={false} />
          </label>
          <div class="dialog-buttons">
            <button type="submit" class="button primary" disabled={busy.value}>
              Make the token
            </button>
          </div>
        </form>
      )}
    </Dialog>
  );
}

function bodyOf(form: FormData): object {
  const databases = linesIn(form, 'databases');
  return {
    principal: String(form.get('principal')),
    ttl: String(form.get('ttl')),
    ...(form.get('agent') === null
      ? { kind: 'service' }
      : { kind: 'agent', actsFor: String(form.get('actsFor')) }),
    ...membershipIn(form),
    databases: databases.length === 0 ? null : databases,
  };
}
