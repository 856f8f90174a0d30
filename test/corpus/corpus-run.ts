/** One run of a case's steps: directly or through the proxy, with what the client saw and what came of it. */
import type { Step } from './case-format.ts';
import type { CorpusDatabase } from './corpus-databases.ts';
import { type Address, CorpusSession, errorLine, type SeenError } from './corpus-session.ts';

export interface RunPlan {
  readonly database: CorpusDatabase;
  readonly client: Address;
  /** The superuser's way, for bystanders. */
  readonly direct: Address;
  readonly steps: readonly Step[];
  readonly protocol: 'simple' | 'extended';
  readonly startup: Readonly<Record<string, string>>;
  /** Asked before the first step and after the last, while the sessions are open. */
  readonly probe: string | null;
}

export interface Outcome {
  /** Everything the client's sessions were told. */
  readonly seen: string;
  readonly errors: readonly SeenError[];
  readonly tags: readonly string[];
  readonly probeChanged: boolean;
}

export async function run(plan: RunPlan): Promise<Outcome> {
  const sessions = new Map<string, CorpusSession>();
  try {
    const before = plan.probe && (await plan.database.ask(plan.probe));
    for (const step of plan.steps) await (await sessionOf(plan, sessions, step)).run(step, plan.protocol);
    const after = plan.probe && (await plan.database.ask(plan.probe));
    const clients = [...sessions].filter(([name]) => name !== BYSTANDER).map(([, session]) => session);
    return {
      seen: clients.map(({ seen }) => seen).join('\n'),
      errors: clients.flatMap(({ errors }) => errors),
      tags: clients.flatMap(({ tags }) => tags),
      probeChanged: before !== after,
    };
  } finally {
    for (const session of sessions.values()) session.close();
  }
}

export const errorLines = ({ errors }: Outcome): string => errors.map(errorLine).join(' | ') || 'no error';

const BYSTANDER = 'bystander';

async function sessionOf(
  { client, direct, startup }: RunPlan,
  sessions: Map<string, CorpusSession>,
  step: Step,
): Promise<CorpusSession> {
  const name = step.session ?? 'client';
  const known = sessions.get(name);
  if (known !== undefined) return known;
  const opened =
    name === BYSTANDER
      ? await CorpusSession.open(direct, { application_name: BYSTANDER })
      : await CorpusSession.open(client, startup);
  sessions.set(name, opened);
  return opened;
}
