/** The features of one statement in the light of its session so far and of the session's context. */
import type { FeatureText } from '../features/feature.ts';
import type { StatementFacts } from '../features/statement-features.ts';
import { type Habits, habitsOf } from './habits.ts';
import { Purpose } from './purpose.ts';
import type { SessionContext, StatementNovelty, StatementOutcome } from './record.ts';
import { Repetition } from './repetition.ts';
import { outsideScope, ungranted } from './scope.ts';
import { Sweep } from './sweep.ts';

/** `prior`: the log-odds that one unit adds before anything is learnt, a DBA's judgement; learning starts from there. */
export interface StepFeatureText extends FeatureText {
  readonly prior: number;
}

const sign = (prior: number, sentence: string): StepFeatureText => ({ prior, sentence, trend: 1 });

export const STEP_FEATURES = {
  textEvidence: sign(0.9, 'the text by itself looks like an attack (log-odds above the usual)'),
  ungranted: sign(2.6, 'the statement changes or takes out what its grant does not allow'),
  rowsTaken: sign(1.3, 'many rows come back, and the grant has no export (log10 above a thousand)'),
  rowsTakenSoFar: sign(
    0.7,
    'many rows came back in this session, and the grant has no export (log10 above what is usual, or ten thousand)',
  ),
  bytesTakenSoFar: sign(
    0.5,
    'many bytes came back in this session, and the grant has no export (log10 above what is usual)',
  ),
  wholeTable: sign(0.6, 'a relation is read or copied as a whole'),
  setAside: sign(
    1.2,
    'data is put aside: a copy of a relation, a held cursor, a relation gathered into one value',
  ),
  rowsLost: sign(1.3, 'rows are changed or deleted without a condition (log10 above a thousand)'),
  destroys: sign(2.1, 'tables or all of their rows are destroyed'),
  destroyedSoFar: sign(0.6, 'tables or all of their rows were destroyed in this session (log2)'),
  guards: sign(2.2, 'privileges, owners, rules, triggers or logging are changed'),
  guardsSoFar: sign(0.5, 'privileges, owners, rules or logging were changed in this session (log2)'),
  paging: sign(1, 'pages of one result are fetched one after the other'),
  lookups: sign(1.8, 'a person looks up one value after the other in one form (log2)'),
  personalRead: sign(0.5, 'people or secrets, or what the policy takes for such, are read in bulk'),
  classesSoFar: sign(
    0.5,
    'data of several classes of the policy, such as personal, were touched in this session (log2)',
  ),
  reaches: sign(2.5, 'programs, files of the server or other hosts are reached'),
  asks: sign(0.4, 'roles, privileges, databases or the session itself are asked about'),
  secrets: sign(1.5, 'catalogs that hold secrets are read'),
  strangeRead: sign(0.8, 'much is read, or the catalog, in a strange context: place, network, program, hour'),
  strangeChange: sign(0.9, 'rows or objects are changed in a strange context: place, network, program, hour'),
  strangeness: sign(0.15, 'the context is strange: place, network, program, hour, first sessions'),
  runaway: sign(1.5, 'the statement ran long (log10 of minutes)'),
  crossJoin: sign(0.8, 'relations are joined without a condition'),
  newThings: sign(0.6, 'relations, columns or functions are used that nobody here has used before (log2)'),
  sweep: sign(0.4, 'many relations are touched within a minute (log2 above sixteen)'),
  outsideScope: sign(0.4, 'relations outside the grant are touched'),
  errorsSoFar: sign(0.3, 'statements failed in this session (log2)'),
  noReason: sign(0.5, 'the grant has no reason'),
  beyondReason: sign(1, 'the reason of the grant speaks of reading, and something is changed or taken out'),
  besideReason: sign(0.4, 'much is taken, or something changed, that the reason of the grant does not name'),
  oldGrant: sign(0.3, 'a grant is used late: much is taken, or something changed (log2 of its age in hours)'),
  noTicket: sign(0.9, 'a person changes or takes much without a ticket'),
} satisfies Readonly<Record<string, StepFeatureText>>;

export type StepFeature = keyof typeof STEP_FEATURES;
export const STEP_FEATURE_NAMES = Object.keys(STEP_FEATURES) as readonly StepFeature[];

/** Ordinary results are smaller; ordinary sessions read less. */
const MANY_ROWS = 1000;
const MANY_ROWS_IN_SESSION = 10_000;
/** However little is usual, less than this is nothing to speak of. */
const FEW_BYTES = 1_000_000;
/** In milliseconds. */
const LONG_RUN = 60_000;

/** Within a minute, of a person. */
const MANY_RELATIONS = 16;

/** Columns come in numbers: four count as one relation. */
const newThings = (novelty: StatementNovelty | undefined): number =>
  novelty === undefined ? 0 : Math.log2(1 + novelty.relations + novelty.functions + novelty.columns / 4);

/** By how many powers of ten a number is above a limit. */
const above = (value: number, limit: number): number => Math.max(0, Math.log10(Math.max(1, value) / limit));

/** What a session did so far. */
export class SessionSteps {
  readonly #context: SessionContext;
  readonly #habits: Habits;
  readonly #repetition = new Repetition();
  readonly #sweep = new Sweep();
  readonly #purpose: Purpose;
  readonly #classes = new Set<string>();
  #rows = 0;
  #bytes = 0;
  #destroyed = 0;
  #guards = 0;
  #errors = 0;

  constructor(context: SessionContext) {
    this.#context = context;
    this.#habits = habitsOf(context);
    this.#purpose = new Purpose(context.grant);
  }

  /** The next statement; `outcome` as far as it is known. `textLogOdds`: the statement model's. */
  add(facts: StatementFacts, textLogOdds: number, outcome: StatementOutcome): Float32Array {
    const step = this.#measure(facts, textLogOdds, outcome);
    return Float32Array.from(STEP_FEATURE_NAMES, (name) => step[name]);
  }

  #measure(
    facts: StatementFacts,
    textLogOdds: number,
    outcome: StatementOutcome,
  ): Record<StepFeature, number> {
    const { tally } = facts;
    const { grant } = this.#context;
    const habits = this.#habits;
    const acts = actsOf(facts);
    const repeated = this.#repetition.add(facts.tokens, facts.relations);
    const swept = this.#sweep.add([...facts.relations, ...facts.catalogs], outcome.t);
    const rows = outcome.rows ?? 0;
    const exported = grant?.actions?.includes('export') === true;
    // Pipelines read whole relations all day.
    const careful = habits.person > 0 || (grant?.actions ?? []).join() === 'select';
    const taker = careful ? 1 : 0.3;
    const takes = acts.reads && rows >= MANY_ROWS && !exported;
    const pages = acts.reads && repeated.progress > 0 && rows >= 20;
    const changes = acts.destroys > 0 || tally.changesAll > 0 || acts.guards > 0;
    const takesMuch = takes || acts.whole || pages || tally.copyOut > 0;
    const acting = changes || takesMuch;
    const missing = ungranted(facts, grant).length;
    const beside = this.#purpose.beside(facts.relations);
    const { classes } = outcome;
    for (const name of classes ?? []) this.#classes.add(name);
    if (acts.reads && !exported) {
      this.#rows += rows;
      this.#bytes += outcome.bytes ?? 0;
    }
    if (acts.destroys > 0) this.#destroyed += taker;
    if (acts.guards > 0) this.#guards++;
    this.#errors += outcome.failures ?? (outcome.err ? 1 : 0);
    return {
      textEvidence: Math.min(5, Math.max(0, textLogOdds + 2)),
      ungranted: Math.min(2, missing),
      rowsTaken: takes ? taker * above(rows, MANY_ROWS) : 0,
      rowsTakenSoFar: taker * above(this.#rows, this.#manyRows()),
      bytesTakenSoFar: taker * above(this.#bytes, this.#manyBytes()),
      wholeTable: acts.whole && (takes || (tally.copyOut > 0 && !exported)) ? taker : 0,
      setAside: acts.setsAside > 0 ? habits.person : 0,
      rowsLost: tally.changesAll + tally.truncates > 0 ? above(rows, MANY_ROWS) : 0,
      destroys: taker * Math.min(2, acts.destroys),
      destroyedSoFar: Math.log2(1 + this.#destroyed),
      guards: Math.min(2, acts.guards),
      guardsSoFar: Math.log2(1 + this.#guards),
      paging: pages ? taker * Math.min(4, repeated.progress) : 0,
      lookups:
        acts.reads && tally.pointLookups > 0
          ? habits.person * Math.max(0, Math.log2(repeated.variants) - 1)
          : 0,
      personalRead:
        (classes === undefined ? tally.personalNames > 0 : classes.length > 0) && takesMuch && !exported
          ? taker
          : 0,
      classesSoFar: Math.log2(Math.max(1, this.#classes.size)),
      reaches: Math.min(2, acts.reaches),
      asks: acts.asks ? 1 : 0,
      secrets: tally.secretCatalogs > 0 ? 1 : 0,
      strangeRead: acts.asks || takesMuch || acts.reaches > 0 ? habits.strangeness : 0,
      strangeChange: changes ? habits.strangeness : 0,
      strangeness: habits.strangeness,
      runaway: above(outcome.ms ?? 0, LONG_RUN),
      crossJoin: tally.crossJoins > 0 && rows >= MANY_ROWS ? 1 : 0,
      newThings: (habits.person > 0 ? 1 : 0.5) * newThings(outcome.novelty),
      sweep: habits.person * Math.max(0, Math.log2(swept / MANY_RELATIONS)),
      outsideScope: outsideScope(facts, grant),
      errorsSoFar: Math.log2(1 + this.#errors),
      noReason: habits.noReason,
      beyondReason: this.#purpose.readsOnly && (changes || tally.copyOut > 0) ? 1 : 0,
      besideReason: acting ? taker * beside : 0,
      oldGrant: acting ? habits.person * Math.log2(Math.max(1, this.#ageInHours(outcome.t))) : 0,
      noTicket: grant !== undefined && !grant.ticket && habits.person > 0 && acting ? 1 : 0,
    };
  }

  /** Whoever usually reads little has read much sooner. */
  #manyRows(): number {
    const usual = this.#context.history_30d?.usual_rows;
    return usual === undefined ? MANY_ROWS_IN_SESSION : Math.max(MANY_ROWS, usual);
  }

  /** Nobody knows: none are many. */
  #manyBytes(): number {
    const usual = this.#context.history_30d?.usual_bytes;
    return usual === undefined ? Number.POSITIVE_INFINITY : Math.max(FEW_BYTES, usual);
  }

  #ageInHours(t = 0): number {
    const atStart = this.#context.grant?.age_min;
    return atStart === undefined ? 0 : atStart / 60 + t / 3600;
  }
}

/** What kind of things a statement does, as far as its text tells. */
interface Acts {
  readonly reads: boolean;
  readonly whole: boolean;
  readonly destroys: number;
  readonly guards: number;
  readonly reaches: number;
  readonly setsAside: number;
  readonly asks: boolean;
}

const ASKED_ABOUT =
  /^pg_(user|roles|authid|shadow|auth_members|database|hba_file_rules|user_mappings?|group|tables)$/;

function actsOf({ tally, catalogs }: StatementFacts): Acts {
  const writes = tally.isInsert + tally.isUpdate + tally.isDelete + tally.isDefinition;
  return {
    reads: (tally.isSelect > 0 && writes === 0) || tally.copyOut > 0,
    whole: tally.wholeRead > 0 || (tally.copyOut > 0 && tally.columnTerms === 0),
    destroys:
      tally.deletesAll + tally.joinedDelete + tally.truncates + tally.dropsTables + tally.dropsDatabases,
    guards:
      tally.grants +
      tally.makesRoles +
      tally.changesOwner +
      tally.rules +
      tally.switchesGuardsOff +
      tally.switchesTriggersOff +
      tally.dropsGuards +
      tally.guardSettings +
      tally.systemSettings +
      tally.untrustedCode +
      tally.publishesAll,
    reaches:
      tally.copyProgram + tally.file + tally.network + tally.command + tally.copyFile + tally.foreignServers,
    setsAside: tally.copiesTables + tally.holdCursors + tally.whole + tally.gatheredWhole,
    asks: tally.identity > 0 || tally.secretCatalogs > 0 || catalogs.some((name) => ASKED_ABOUT.test(name)),
  };
}
