import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { FilterBox } from '../../components/filter-box.tsx';
import { smallScreen } from '../../state/small-screen.ts';
import { KINDS } from './event-kinds.ts';
import { type Field, isoTime, localTime, type Search } from './search-query.ts';

interface SearchFormProps {
  readonly search: Search;
  readonly change: (some: Search) => void;
}

/** ms after the last key until it is asked for. */
const PATIENCE = 350;

const DECISIONS = ['allow', 'observe', 'deny', 'hold'] as const;
const ACTIONS = [
  ...[
    'select',
    'insert',
    'update',
    'delete',
    'truncate',
    'create',
    'alter',
    'drop',
    'export',
    'execute',
    'admin',
  ],
];

export function SearchForm({ search, change }: SearchFormProps) {
  /** What is written and not asked yet. */
  const draft = useSignal<Search>({});
  const timer = useSignal<ReturnType<typeof setTimeout> | undefined>(undefined);
  /** Once somebody has stopped typing. */
  const soon = (some: Search): void => {
    draft.value = { ...draft.peek(), ...some };
    clearTimeout(timer.peek());
    timer.value = setTimeout(() => {
      change(draft.peek());
      draft.value = {};
    }, PATIENCE);
  };
  const shown = { ...search, ...draft.value };
  const { text: _, order: __, ...filters } = search;
  const count = Object.keys(filters).length;
  const written = (name: Field, label: string, hint?: string) => (
    <label>
      {label}
      <input
        value={shown[name] ?? ''}
        placeholder={hint}
        maxLength={128}
        spellcheck={false}
        autocapitalize="none"
        onInput={(event) => soon({ [name]: event.currentTarget.value })}
      />
    </label>
  );
  const chosen = (name: Field, label: string, options: ComponentChildren) => (
    <label>
      {label}
      <select value={search[name] ?? ''} onChange={(event) => change({ [name]: event.currentTarget.value })}>
        <option value="">any</option>
        {options}
      </select>
    </label>
  );
  return (
    <form class="trail-search" role="search" onSubmit={(event) => event.preventDefault()}>
      <FilterBox
        label="Words in statements, reasons, messages, names"
        value={shown.text ?? ''}
        change={(text) => soon({ text })}
      />
      <details open={!smallScreen.value || count > 0}>
        <summary>Filters{count > 0 && ` (${count})`}</summary>
        <div class="trail-fields">
          {chosen(
            'kind',
            'What',
            KINDS.map(({ name, label }) => (
              <option key={name} value={name}>
                {label}
              </option>
            )),
          )}
          {written('principal', 'Who', 'alice')}
          {written('database', 'Database', 'shop')}
          {written('relation', 'Relation', 'public.orders')}
          {chosen('action', 'Action', ACTIONS.map(asOption))}
          {chosen('decision', 'Decision', DECISIONS.map(asOption))}
          <label>
            Risk, at least
            <input
              type="number"
              min="0"
              max="1"
              step="0.05"
              value={shown.risk ?? ''}
              onInput={(event) => soon({ risk: event.currentTarget.value })}
            />
          </label>
          {(['from', 'to'] as const).map((name) => (
            <label key={name}>
              {name === 'from' ? 'From' : 'To'}
              <input
                type="datetime-local"
                value={localTime(search[name])}
                onChange={(event) => change({ [name]: isoTime(event.currentTarget.value) })}
              />
            </label>
          ))}
          {written('grant', 'Grant')}
        </div>
      </details>
    </form>
  );
}

const asOption = (name: string) => (
  <option key={name} value={name}>
    {name}
  </option>
);
