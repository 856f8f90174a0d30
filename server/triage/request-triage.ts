/**
 * Triage of each access request: what the reason needs becomes what is asked where the requester names nothing, and the
 * policy is told what the text is like. Nothing that triage says gives more than the policy does: see decide-request.ts.
 *
 *   request-wish      what is asked, before
 *   triage-form       between the words of grants and those of triage
 *   known-relations   what there is
 */
import type { RequestForm } from '../../access/requests/access-request.ts';
import type { TriageFinding } from '../../access/requests/triage-finding.ts';
import { openTriage } from '../../classifier/triage/model-folder.ts';
import type { TriageRequest, TriageResult } from '../../classifier/triage/request.ts';
import type { Triage } from '../../classifier/triage/triage.ts';
import type { Config } from '../config.ts';
import { type KnownRelation, KnownRelations } from './known-relations.ts';
import { NothingToldError, type RequestWish } from './request-wish.ts';
import { needsCatalog, suggestedScope, triageRequest, USUAL_TTL } from './triage-form.ts';

/** A request that is complete, and what triage says of it. */
export interface TriagedRequest {
  readonly form: RequestForm;
  readonly triage: TriageFinding;
}

export class RequestTriage {
  readonly #triage: Triage;
  readonly #relations: KnownRelations;

  /** Throws a ModelError if the model can't be used. */
  static async open({ databases }: Pick<Config, 'databases'>): Promise<RequestTriage> {
    return new RequestTriage(openTriage(), new KnownRelations(databases));
  }

  private constructor(triage: Triage, relations: KnownRelations) {
    this.#triage = triage;
    this.#relations = relations;
  }

  /** Rejects with a NothingToldError where neither the wish nor its reason says what is needed. */
  async look(wish: RequestWish): Promise<TriagedRequest> {
    const catalog = needsCatalog(wish) ? await this.#catalogOf(wish) : null;
    if (wish.terms.scope !== null) return this.#judged(wish, catalog ?? []);
    const { ttl } = wish.terms;
    const read = this.#triage.triage(triageRequest(wish, catalog));
    const scope = suggestedScope(read, catalog ?? []);
    if (scope.length === 0) throw new NothingToldError(untold(wish, read, catalog));
    return this.#judged({ ...wish, terms: { ...wish.terms, scope, ttl: ttl ?? USUAL_TTL } }, catalog ?? []);
  }

  close(): Promise<void> {
    return this.#relations.close();
  }

  #judged(wish: RequestWish, catalog: readonly KnownRelation[]): TriagedRequest {
    const { scope, ttl, limits } = wish.terms;
    const form = { ...wish, terms: { scope: scope ?? [], ttl: ttl ?? USUAL_TTL, limits } };
    const request: TriageRequest = triageRequest(wish, catalog.length > 0 ? catalog : null);
    const result = this.#triage.triage(request);
    return { form, triage: findingOf(result, suggestedScope(result, catalog)) };
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

const findingOf = (
  { intents, ttlMinutes, riskScore, confidence, suspicious, reasons }: TriageResult,
  scope: TriageFinding['scope'],
): TriageFinding => ({
  risk: riskScore,
  confidence,
  suspicious,
  ...{ intents, scope, reasons },
  ttl: Math.round(ttlMinutes * 60_000),
  model: 'builtin',
});
