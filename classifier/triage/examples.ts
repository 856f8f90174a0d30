/** Labelled requests to learn from and to measure on. */
import { readFileSync } from 'node:fs';
import {
  DECISIONS,
  INTENTS,
  type Intent,
  type RequestAction,
  RISKS,
  type RiskLevel,
  type TriageDecision,
  type TriageRequest,
} from './request.ts';

export interface TriageExample {
  readonly id: string;
  readonly language: string;
  /** Requests of one template are never on both sides of a fold. */
  readonly group: string;
  readonly request: TriageRequest;
  readonly intents: readonly Intent[];
  readonly actions: readonly RequestAction[];
  /** None: the text does not tell. */
  readonly scope: readonly string[];
  readonly risk: RiskLevel;
  readonly decision: TriageDecision;
}

/** The examples that come with Postern, each of its own wording. */
export function ownExamples(): readonly TriageExample[] {
  const text = readFileSync(new URL('./examples/requests.tsv', import.meta.url), 'utf8');
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return lines.map((line, index) => {
    const columns = line.split('\t') as Columns;
    const [language, role, asked, tables, minutes, intents, actions, scope, risk, decision, text] = columns;
    return checked({
      id: `own${index + 1}`,
      language,
      group: `own${index + 1}`,
      request: {
        text,
        requester: { role },
        requested: { actions: listOf(asked), tables: listOf(tables), ttlMinutes: Number(minutes) },
      },
      intents: listOf(intents) as readonly Intent[],
      actions: listOf(actions) as readonly RequestAction[],
      scope: listOf(scope),
      risk,
      decision,
    });
  });
}

const listOf = (text: string): readonly string[] => (text === '-' ? [] : text.split(','));

/** language, role, actions, relations, minutes, intents, actions and relations needed, risk, decision, text */
type Columns = [
  ...[string, string, string, string, string, string, string, string],
  RiskLevel,
  TriageDecision,
  string,
];

interface Line {
  readonly id: string;
  readonly text: string;
  readonly lang: string;
  readonly template: string;
  readonly requester: { readonly role: string };
  readonly requested: { readonly actions: string[]; readonly tables: string[]; readonly ttl_min: number };
  readonly gold: {
    readonly intents: Intent[];
    readonly actions_needed: RequestAction[];
    readonly tables: string[];
    readonly risk: RiskLevel;
    readonly decision: TriageDecision;
  };
}

/** Lines {id, text, lang, template, requester, requested, gold}; a template `single` is none. */
export function readExamples(file: string): readonly TriageExample[] {
  const lines = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '');
  return lines.map((line) => {
    const { id, text, lang, template, requester, requested, gold } = JSON.parse(line) as Line;
    return checked({
      id,
      language: lang,
      group: template === 'single' ? id : template,
      request: {
        text,
        requester,
        requested: { actions: requested.actions, tables: requested.tables, ttlMinutes: requested.ttl_min },
      },
      intents: gold.intents,
      actions: gold.actions_needed,
      scope: gold.tables,
      risk: gold.risk,
      decision: gold.decision,
    });
  });
}

function checked(example: TriageExample): TriageExample {
  const known = (values: readonly string[], all: readonly string[]) =>
    values.every((value) => all.includes(value));
  const sound =
    example.intents.length > 0 &&
    known(example.intents, INTENTS) &&
    known([example.risk], RISKS) &&
    known([example.decision], DECISIONS);
  if (!sound) throw new RangeError(`request ${example.id} has labels that triage does not know`);
  return example;
}
