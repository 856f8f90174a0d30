import type { Signal } from '@preact/signals';
import type { AccessRequest } from '../../api/answers.ts';
import { Untrusted } from '../../components/untrusted.tsx';
import { permissionKey, permissionsOf, written } from '../../text/scope.ts';
import { spanField } from '../../text/spans.ts';
import { termsOf } from './request-state.ts';

/** What of a request is to be granted. */
export interface Narrowing {
  /** Keys of permissions. */
  readonly kept: ReadonlySet<string>;
  /** The same, as somebody writes it. */
  readonly lines: string;
  readonly by: 'choice' | 'lines';
  /** As the API takes it. */
  readonly ttl: string;
}

interface NarrowFieldsProps {
  readonly request: AccessRequest;
  readonly narrowing: Signal<Narrowing | null>;
}

export function NarrowFields({ request, narrowing }: NarrowFieldsProps) {
  const { value } = narrowing;
  if (value === null) return null;
  const change = (some: Partial<Narrowing>): void => {
    narrowing.value = { ...value, ...some };
  };
  const { triage, extension } = request;
  return (
    <fieldset class="narrow">
      <legend>Grant only</legend>
      {extension === undefined && value.by === 'choice' && (
        <Choice request={request} kept={value.kept} change={(kept) => change({ kept })} />
      )}
      {extension === undefined && value.by === 'lines' && (
        <label>
          One a line, as ACTIONS:PATTERN
          <textarea
            rows={4}
            class="mono"
            spellcheck={false}
            value={value.lines}
            onInput={(event) => change({ lines: event.currentTarget.value })}
          />
        </label>
      )}
      <div class="narrow-foot">
        <label>
          for at most
          <input
            class="ttl"
            value={value.ttl}
            placeholder={spanField(termsOf(request).ttl)}
            onInput={(event) => change({ ttl: event.currentTarget.value.trim() })}
          />
        </label>
        {extension === undefined && (
          <button
            type="button"
            class="button small"
            onClick={() => change({ by: value.by === 'choice' ? 'lines' : 'choice' })}
          >
            {value.by === 'choice' ? 'Write it instead' : 'Choose instead'}
          </button>
        )}
        {extension === undefined && triage !== null && triage.scope.length > 0 && (
          <button
            type="button"
            class="button small"
            onClick={() => change({ by: 'lines', lines: written(triage.scope) })}
          >
            What the reason needs
          </button>
        )}
      </div>
    </fieldset>
  );
}

interface ChoiceProps {
  readonly request: AccessRequest;
  readonly kept: ReadonlySet<string>;
  readonly change: (kept: ReadonlySet<string>) => void;
}

function Choice({ request, kept, change }: ChoiceProps) {
  const byPattern = Map.groupBy(permissionsOf(termsOf(request).scope), ({ pattern }) => pattern);
  const toggle = (key: string): void => {
    const next = new Set(kept);
    if (!next.delete(key)) next.add(key);
    change(next);
  };
  return (
    <ul class="choices">
      {[...byPattern].map(([pattern, permissions]) => (
        <li key={pattern}>
          <code class="pattern">
            <Untrusted text={pattern} />
          </code>
          {permissions.map((each) => (
            <label key={each.action} class="check">
              <input
                type="checkbox"
                checked={kept.has(permissionKey(each))}
                onChange={() => toggle(permissionKey(each))}
              />
              {each.action}
            </label>
          ))}
        </li>
      ))}
    </ul>
  );
}
