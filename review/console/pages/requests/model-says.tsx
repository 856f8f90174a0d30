import type { AccessRequest } from '../../api/answers.ts';
import { Icon } from '../../components/icon.tsx';
import { ScopeList } from '../../components/scope-list.tsx';
import { ShareBar } from '../../components/share-bar.tsx';
import { Untrusted } from '../../components/untrusted.tsx';
import { percent } from '../../text/quantities.ts';
import { span } from '../../text/spans.ts';

/** From here on a risk looks worth a thought, and from here on high. */
const [SOME, HIGH] = [0.35, 0.65];

/** What the model has read out of the reason. It advises: the policy, or somebody, decides. */
export function ModelSays({ request: { triage } }: { readonly request: AccessRequest }) {
  return (
    <section class="section card">
      <h3>The model</h3>
      {triage === null ? (
        <p class="second">No model has read the reason.</p>
      ) : (
        <>
          {triage.suspicious && (
            <p class="mark-bad">
              <Icon name="warning" /> The reason leans on whoever decides, or hides something.
            </p>
          )}
          <dl class="shares">
            <Share
              name="risk"
              share={triage.risk}
              tone={triage.risk >= HIGH ? 'bad' : triage.risk >= SOME ? 'warning' : 'accent'}
            />
            <Share name="confidence" share={triage.confidence} tone="accent" />
          </dl>
          {triage.intents.length > 0 && <p>Reads like: {triage.intents.map(inWords).join(', ')}</p>}
          <ul class="reasons">
            {triage.reasons.map((reason) => (
              <li key={reason}>
                <Untrusted text={reason} />
              </li>
            ))}
          </ul>
          {triage.scope.length > 0 && (
            <details>
              <summary>What the reason needs, {span(triage.ttl)}</summary>
              <ScopeList scope={triage.scope} />
            </details>
          )}
        </>
      )}
    </section>
  );
}

interface ShareProps {
  readonly name: string;
  readonly share: number;
  readonly tone: 'accent' | 'warning' | 'bad';
}

function Share({ name, share, tone }: ShareProps) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <ShareBar share={share} tone={tone} />
        <span class="number">{percent(share)}</span>
      </dd>
    </div>
  );
}

const inWords = (name: string): string => name.replaceAll('_', ' ');
