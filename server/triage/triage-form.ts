/** Between the words of grants and those of triage. Pure. */
import type { PolicyRequest } from '../../access/policy/policy.ts';
import type { RequestAction, TriageRequest, TriageResult } from '../../classifier/triage/request.ts';
import { toldDuration } from '../../classifier/triage/told-duration.ts';
import { resourceName } from '../../guardrails/scope.ts';
import { namedIn, parsePattern, unquoted } from '../../guardrails/scope-pattern.ts';
import type { Action, Scope } from '../../guardrails/types.ts';
import type { KnownRelation } from './known-relations.ts';
import type { RequestWish } from './request-wish.ts';

const MINUTE = 60_000;
/** ms, where neither the requester nor the reason says. */
const USUAL_TTL = 30 * MINUTE;

/** ms: what the requester says, else what the reason says. */
export const ttlOf = ({ reason, terms: { ttl } }: RequestWish): number =>
  ttl ?? (toldDuration(reason) ?? USUAL_TTL / MINUTE) * MINUTE;

/** As triage reads it. `catalog`: null where it is not needed, or not to be had. */
export const triageRequest = (
  wish: RequestWish,
  catalog: readonly KnownRelation[] | null,
): TriageRequest => ({
  ...scopedRequest({ ...wish, scope: wish.terms.scope, ttl: ttlOf(wish) }),
  ...(catalog !== null && { catalog: catalog.map(nameOf) }),
});

/** `scope`: null for what the reason needs; `ttl`: ms. */
export const scopedRequest = ({
  principal,
  reason,
  scope,
  ttl,
}: Pick<RequestWish, 'principal' | 'reason'> & {
  readonly scope: Scope | null;
  readonly ttl: number;
}): TriageRequest => ({
  text: reason,
  requester: { role: roleOf(principal) },
  requested: {
    actions: scope === null ? ['*'] : [...new Set(scope.flatMap(({ actions }) => actions))],
    tables: scope === null ? [] : namesIn(scope),
    ttlMinutes: ttl / MINUTE,
  },
});

/** Whether the names of what there is can say more than the request does itself. */
export const needsCatalog = ({ terms: { scope } }: RequestWish): boolean =>
  scope === null || namesIn(scope).some((name) => name.includes('*'));

function roleOf({ kind, roles, teams }: PolicyRequest['principal']): string {
  if (kind === 'agent') return 'ai_agent';
  if (kind === 'service') return 'service';
  return [...roles, ...teams].join(' ') || 'member';
}

/** Patterns as people write names: without lists of columns; functions as calls. */
function namesIn(scope: Scope): readonly string[] {
  const names = scope.flatMap(({ actions, on }) =>
    on
      .filter((text) => !text.startsWith('!'))
      .map((text) => {
        const named = namedIn(text);
        if (named === null) return text;
        const name = `${unquoted(named.schema)}.${unquoted(named.name)}`;
        return name === '*.*' ? '*' : actions.every((action) => action === 'execute') ? `${name}()` : name;
      }),
  );
  return [...new Set(names)];
}

/** What the text needs, as a scope. Relations that are not in `catalog` are left out, and so is what has to be named. */
export function suggestedScope(
  { actions, scope }: Pick<TriageResult, 'actions' | 'scope'>,
  catalog: readonly Pick<KnownRelation, 'schema' | 'name'>[],
): Scope {
  const names = new Set(scope);
  const on = catalog
    .filter((relation) => names.has(nameOf(relation)))
    .map(({ schema, name }) => resourceName(schema, name));
  const granted = actions.flatMap((action) => GRANTED[action]);
  return on.length === 0 || granted.length === 0 ? [] : [{ actions: granted, on }];
}

/** The relations that a scope names without wildcards. */
export const namedRelations = (scope: Scope): readonly Pick<KnownRelation, 'schema' | 'name'>[] =>
  scope.flatMap(({ on }) =>
    on
      .filter((text) => !text.startsWith('!'))
      .map(parsePattern)
      .flatMap(({ schema, name }) =>
        schema?.literal === true && name.literal ? [{ schema: schema.text, name: name.text }] : [],
      ),
  );

/** `execute` and `admin` are of functions and settings, which a text names too loosely to grant. */
const GRANTED: Readonly<Record<RequestAction, readonly Action[]>> = {
  select: ['select'],
  insert: ['insert'],
  update: ['update'],
  delete: ['delete'],
  truncate: ['truncate'],
  ddl: ['create', 'alter', 'drop'],
  export: ['export'],
  execute: [],
  admin: [],
};

const nameOf = ({ schema, name }: Pick<KnownRelation, 'schema' | 'name'>): string => `${schema}.${name}`;
