/** The form in which programs ask triage, and have its answer: of `postern triage --jsonl` and of the HTTP API. */
import type { TriageRequest } from '../../classifier/triage/request.ts';
import type { TriageOpinion } from './triage-host.ts';

/** All but `text` may be missing. */
export interface TriageLine {
  readonly text: string;
  readonly requester?: { readonly role?: string };
  readonly requested?: {
    readonly actions?: readonly string[];
    readonly tables?: readonly string[];
    readonly ttl_min?: number;
  };
  readonly catalog?: readonly string[];
}

export const requestOfLine = ({ text, requester, requested, catalog }: TriageLine): TriageRequest => ({
  text,
  requester: { role: requester?.role ?? 'unknown' },
  requested: {
    actions: requested?.actions ?? ['*'],
    tables: requested?.tables ?? ['*'],
    ttlMinutes: requested?.ttl_min ?? 60,
  },
  ...(catalog !== undefined && { catalog }),
});

export const answerLine = ({
  intents,
  actions,
  scope,
  ttlMinutes,
  risk,
  riskScore,
  confidence,
  suspicious,
  doubtful,
  decision,
  reasons,
  model,
}: TriageOpinion) => ({
  intents: [...intents],
  actions: [...actions],
  scope: [...scope],
  ...{ risk, suspicious, doubtful, decision },
  reasons: [...reasons],
  ttl_min: ttlMinutes,
  risk_score: rounded(riskScore),
  confidence: rounded(confidence),
  model,
});

const rounded = (value: number): number => Math.round(value * 1e4) / 1e4;
