/**
 * Triage of each access request: what the reason needs becomes what is asked where the requester names nothing, and the
 * policy is told what the text is like. Nothing that triage says gives more than the policy does: see decide-request.ts.
 *
 *   request-wish      what is asked, before
 *   triage-form       between the words of grants and those of triage
 *   known-relations   what there is
 *   triage-host       the models
 */
import type { RequestForm } from '../../access/requests/access-request.ts';
import type { TriageFinding } from '../../access/requests/triage-finding.ts';
import type { TriageResult } from '../../classifier/triage/request.ts';
import type { Scope } from '../../guardrails/types.ts';
import type { Config } from '../config.ts';
import { type KnownRelation, KnownRelations } from './known-relations.ts';
import { NothingToldError, type RequestWish } from './request-wish.ts';
import { namedRelations, needsCatalog, suggestedScope, triageRequest, ttlOf } from './triage-form.ts';
import { TriageHost, type TriageOpinion } from './triage-host.ts';

/** A request that is complete, and what triage says of it. */
export interface TriagedRequest {
  readonly form: RequestForm;
  readonly triage: TriageFinding;
}

export class RequestTriage {
  /** Its models, for whoever asks them directly. */
  readonly host: TriageHost;
  readonly #relations: Pick<KnownRelations, 'of' | 'close'>;

  /** Rejects with a ModelError if the model can't be used. */
  static async open(
    { databases, triage }: Pick<Config, 'databases' | 'triage'>,
    warn?: (message: string) => void,
  ): Promise<RequestTriage> {
    return new RequestTriage(await TriageHost.open(triage, warn), new KnownRelations(databases));
  }

  constructor(host: TriageHost, relations: Pick<KnownRelations, 'of' | 'close'>) {
    this.host = host;
    this.#relations = relations;
  }

  /** Rejects with a NothingToldError where neither the wish nor its reason says what is needed. */
  async look(wish: RequestWish): Promise<TriagedRequest> {
    const catalog = needsCatalog(wish) ? await this.#catalogOf(wish) : null;
    if (wish.terms.scope !== null) return this.#judged(wish, wish.terms.scope, catalog);
    const read = await this.host.triage(triageRequest(wish, catalog));
    const scope = suggestedScope(read, catalog ?? []);
    if (scope.length === 0) throw new NothingToldError(untold(wish, read, catalog));
    return this.#judged({ ...wish, terms: { ...wish.terms, scope } }, scope, catalog);
  }

  close(): Promise<void> {
    return this.#relations.close();
  }

  async #judged(
    wish: RequestWish,
    scope: Scope,
    catalog: readonly KnownRelation[] | null,
  ): Promise<TriagedRequest> {
    const form = { ...wish, terms: { scope, ttl: ttlOf(wish), limits: wish.terms.limits } };
    const opinion = await this.host.triage(triageRequest(wish, catalog));
    return {
      form,
      triage: findingOf(opinion, suggestedScope(opinion, catalog ?? namedRelations(scope)), wish),
    };
  }

  /** null: it can't be had. Then triage goes by what is asked alone. */
  #catalogOf({ database }: RequestWish): Promise<readonly KnownRelation[] | null> {
    return this.#relations.of(database).catch(() => null);
  }
}

function untold(
  { database }: RequestWish,
  { scope, actions }: TriageResult,
  catalog: readonly KnownRelation[] | null,
): string {
  const name = "name it, such as --allow 'select:public.orders'";
  if (catalog === null)
    return `database "${database}" can't be asked what there is; say what you need: ${name}`;
  if (scope.length === 0) return `the reason does not tell what of database "${database}" is needed; ${name}`;
  if (!actions.some((action) => action !== 'execute' && action !== 'admin'))
    return `${actions.join(' and ')} is asked for by name alone; ${name}`;
  return `database "${database}" has no ${scope.join(', ')}; ${name}`;
}

/** Haste and few words are usual in an emergency, which is looked at afterwards. */
const findingOf = (
  { intents, ttlMinutes, riskScore, confidence, suspicious, doubtful, reasons, model }: TriageOpinion,
  scope: Scope,
  { emergency }: RequestWish,
): TriageFinding => ({
  risk: riskScore,
  confidence,
  suspicious: emergency ? suspicious : doubtful,
  ...{ intents, scope, reasons, model },
  ttl: Math.round(ttlMinutes * 60_000),
});
