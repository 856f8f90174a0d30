import type { AccessRequest } from '../../api/answers.ts';
import { Icon } from '../../components/icon.tsx';
import { STATES } from './request-state.ts';

export function RequestMark({ request: { state } }: { readonly request: AccessRequest }) {
  const { word, icon, decision } = STATES[state.kind];
  return (
    <span class="decision" data-decision={decision}>
      <Icon name={icon} />
      {word}
    </span>
  );
}
