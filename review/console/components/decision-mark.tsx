import type { Decision } from '../api/answers.ts';
import { Icon } from './icon.tsx';

const WORDS: Readonly<Record<Decision, string>> = {
  allow: 'Allowed',
  observe: 'Observed',
  deny: 'Denied',
  hold: 'Held',
};

interface DecisionMarkProps {
  readonly decision: Decision;
  /** In a list, where what is allowed is the rule: its word is for screen readers only. */
  readonly quiet?: boolean;
}

/** By word, icon and colour. */
export function DecisionMark({ decision, quiet = false }: DecisionMarkProps) {
  const hushed = quiet && decision === 'allow';
  return (
    <span class="decision" data-decision={decision} data-hushed={hushed || undefined}>
      <Icon name={decision} />
      <span class={hushed ? 'visually-hidden' : undefined}>{WORDS[decision]}</span>
    </span>
  );
}
