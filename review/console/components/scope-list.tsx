import type { Scope } from '../text/scope.ts';
import { Untrusted } from './untrusted.tsx';

/** What a grant is for: actions, on what, and without what. */
export function ScopeList({ scope }: { readonly scope: Scope }) {
  return (
    <ul class="scope">
      {scope.map(({ actions, on }, index) => (
        <li key={index}>
          <span class="scope-actions">{actions.length === ALL ? 'everything' : actions.join(', ')}</span>
          <span class="scope-patterns">
            {on.map((pattern) => (
              <Pattern key={pattern} pattern={pattern} />
            ))}
          </span>
        </li>
      ))}
    </ul>
  );
}

/** As many actions as there are on data: `*`. */
const ALL = 11;

function Pattern({ pattern }: { readonly pattern: string }) {
  const excluded = pattern.startsWith('!');
  return (
    <code class="pattern" data-excluded={excluded || undefined}>
      {excluded && <span class="not">not </span>}
      <Untrusted text={excluded ? pattern.slice(1) : pattern} />
    </code>
  );
}
