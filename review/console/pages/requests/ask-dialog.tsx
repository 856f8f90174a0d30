import { useSignal } from '@preact/signals';
import type { AccessRequest, Answers } from '../../api/answers.ts';
import { post } from '../../api/client.ts';
import { type Problem, problemOf } from '../../api/problem.ts';
import { Dialog } from '../../components/dialog.tsx';
import { ProblemNotice } from '../../components/problem-notice.tsx';
import { keepToken } from '../../state/tokens.ts';
import { linesOf } from '../../text/scope.ts';

interface AskDialogProps {
  readonly open: boolean;
  readonly close: () => void;
  readonly asked: (request: AccessRequest) => void;
}

/** In a sentence: what it needs is read out of that, unless somebody says it. */
export function AskDialog({ open, close, asked }: AskDialogProps) {
  const problem = useSignal<Problem | null>(null);
  const busy = useSignal(false);
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    busy.value = true;
    problem.value = null;
    try {
      const body = bodyOf(new FormData(event.currentTarget as HTMLFormElement));
      const { request, token, proxy } = await post<Answers['askAccess']>('/v1/requests', body);
      keepToken(request.id, { token, proxy });
      close();
      asked(request);
    } catch (fault) {
      problem.value = problemOf(fault);
    }
    busy.value = false;
  };
  return (
    <Dialog title="Ask for access" open={open} close={close}>
      <form class="fields" onSubmit={(event) => void submit(event)}>
        {problem.value && <ProblemNotice problem={problem.value} />}
        <label>
          What for, in your own words
          <textarea
            name="reason"
            rows={3}
            required
            maxLength={2_000}
            autofocus
            placeholder="customer of order 4312 asks where the parcel is"
          />
        </label>
        <div class="field-row">
          <label>
            Database
            <input name="database" required maxLength={63} spellcheck={false} autocapitalize="none" />
          </label>
          <label>
            Ticket, if there is one
            <input name="ticket" maxLength={200} spellcheck={false} />
          </label>
        </div>
        <details>
          <summary>Say exactly what and how long</summary>
          <label>
            Permissions, one a line; without any, what the sentence needs
            <textarea
              name="allow"
              class="mono"
              rows={3}
              spellcheck={false}
              placeholder="select:public.orders"
            />
          </label>
          <label>
            How long; empty: as long as the sentence says
            <input name="ttl" pattern="[0-9]+[smhd]" title="Such as 30m or 2h" placeholder="30m" />
          </label>
          <label class="check">
            <input type="checkbox" name="emergency" /> It is an emergency: decided by the rules for that, and
            reviewed afterwards
          </label>
        </details>
        <div class="dialog-buttons">
          <button type="submit" class="button primary" disabled={busy.value}>
            Ask
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function bodyOf(form: FormData): object {
  const said = (name: string): string => String(form.get(name) ?? '').trim();
  const allow = linesOf(said('allow'));
  return {
    database: said('database'),
    reason: said('reason'),
    emergency: form.get('emergency') !== null,
    ...(said('ticket') !== '' && { ticket: said('ticket') }),
    ...(allow.length > 0 && { allow }),
    ...(said('ttl') !== '' && { ttl: said('ttl') }),
  };
}
