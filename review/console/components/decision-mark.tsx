import type { Decision } from '../api/answers.ts';
import { Icon } from './icon.tsx';

const WORDS: Readonly<Record<Decision, string>> = {
  allow: 'Allowed',
  observe: 'Observed',
  deny: 'Denied',
  hold: 'Held',
};

/** By word, icon and colour. */
export function DecisionMark({ decision }: { readonly decision: Decision }) {
  return (
    <span class="decision" data-decision={decision}>
      <Icon name={decision} />
      {WORDS[decision]}
    </span>
  );
}
