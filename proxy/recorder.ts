/** Tells the trail and the metrics what one session does, and keeps its sums. */
import type { Need, SessionEndReason, SessionRef } from '../audit/events.ts';
import type { ErrorFields, Verdict } from '../guardrails/types.ts';
import type {
  AuditTrail,
  HeldStatement,
  Hold,
  HoldOutcome,
  Metrics,
  RiskScores,
  SessionSums,
} from './ports.ts';
import type { RowCounter, Run } from './run.ts';

export type Via = 'query' | 'parse' | 'bind' | 'execute' | 'function-call';

export class Recorder {
  readonly ref: SessionRef;
  readonly #trail: AuditTrail;
  readonly #metrics: Metrics;
  readonly #startedAt = performance.now();
  readonly #sums = { statements: 0, denied: 0, errors: 0, rows: 0, bytes: 0, longest: 0 };
  #scores: RiskScores | null = null;

  constructor(ref: SessionRef, trail: AuditTrail, metrics: Metrics) {
    this.ref = ref;
    this.#trail = trail;
    this.#metrics = metrics;
  }

  /** So far; goes on counting. */
  get sums(): SessionSums {
    return this.#sums;
  }

  get writable(): boolean {
    return this.#trail.writable;
  }

  /** `observed`: the settings in the startup packet that passed because the database is observed. */
  started(
    fields: { application: string | null; backendPid: number; tls: boolean; protocol: string },
    observed: readonly ErrorFields[],
  ): void {
    this.#metrics.sessionOpened();
    const noted = observed.length > 0 && { observed: observed.map(({ message }) => message) };
    this.#trail.append({ type: 'session.start', ...fields, ...noted, ...this.ref });
  }

  /** A text has been decided; `since` is what performance.now() said before. */
  decided(since: number): void {
    this.#metrics.decided((performance.now() - since) / 1000);
  }

  /** What Postern added to an exchange, ms. */
  added(ms: number): void {
    this.#metrics.added(ms / 1000);
  }

  /** A text is about to be forwarded without being run (Parse). Returns its number. */
  parsed(verdict: Verdict, hold?: string): number {
    return this.#passing('parse', verdict, hold === undefined ? UNBOUND : { hold });
  }

  /** A statement waits for a reviewer. */
  held({ cause, sql, parameters, missing, reasons, inTransaction }: HeldStatement, { id, wait }: Hold): void {
    this.#trail.append({
      type: 'hold.ask',
      ...this.ref,
      ...{ hold: id, cause, sql, parameters, missing, reasons, inTransaction, waitMs: wait },
    });
  }

  holdEnded({ id }: Hold, outcome: HoldOutcome, ms: number): void {
    const by = 'by' in outcome ? outcome.by : null;
    const kind = outcome.kind === 'crowded' || outcome.kind === 'unreachable' ? 'withdrawn' : outcome.kind;
    this.#trail.append({
      type: 'hold.end',
      ...this.ref,
      ...{ hold: id, outcome: kind, by, waitedMs: Math.round(ms) },
    });
  }

  /** A statement is about to be forwarded and run. */
  run(via: Via, verdict: Verdict, counters: readonly RowCounter[], bound: Bound = UNBOUND): Run {
    const number = this.#passing(via, verdict, bound);
    return {
      number,
      verdict,
      counters,
      startedAt: performance.now(),
      rows: 0,
      bytes: 0,
      tag: null,
      sqlstate: null,
      cut: null,
      over: false,
    };
  }

  /** Of the statement that is recorded next; null: nothing comes of the one that they were for. */
  scored(scores: RiskScores | null): void {
    this.#scores = scores;
  }

  refused(via: Via, verdict: Verdict, error: ErrorFields): void {
    this.#sums.denied++;
    this.#statement(via, verdict, verdict.effect === 'hold' ? 'hold' : 'deny', error);
  }

  ran(run: Run): void {
    this.#sums.rows += run.rows;
    this.#sums.bytes += run.bytes;
    if (run.sqlstate !== null) this.#sums.errors++;
    const ms = performance.now() - run.startedAt;
    if (ms > this.#sums.longest) this.#sums.longest = ms;
    this.#metrics.delivered(run.rows, run.bytes);
    if (run.cut !== null) this.#metrics.cut(run.cut);
    const { session, grant, principal, database, client } = this.ref; // spreading it would cost more than all else here
    this.#trail.append({
      type: 'statement.end',
      session,
      grant,
      principal,
      database,
      client,
      statement: run.number,
      rows: run.rows,
      bytes: run.bytes,
      durationMs: Math.round(ms * 1000) / 1000,
      tag: run.tag,
      sqlstate: run.sqlstate,
      cut: run.cut,
    });
  }

  cancelled(): void {
    this.#trail.append({ type: 'cancel', ...this.ref });
  }

  violated(message: string): void {
    const { session, grant, client } = this.ref;
    this.#trail.append({ type: 'protocol.violation', session, grant, client, message });
  }

  /** Returns what was recorded, for the log. */
  ended(reason: SessionEndReason, detail: string | null): Readonly<Record<string, unknown>> {
    this.#metrics.sessionClosed(reason);
    const { statements, denied, rows, bytes } = this.#sums;
    const sums = {
      ...this.ref,
      reason,
      detail,
      durationMs: Math.round(performance.now() - this.#startedAt),
      statements,
      denied,
      rows,
      bytes,
    };
    this.#trail.append({ type: 'session.end', ...sums });
    return sums;
  }

  /** Reasons of an observed statement are recorded as if it were refused, but not the SQLSTATE: nobody is told. */
  #passing(via: Via, verdict: Verdict, bound: Bound = UNBOUND): number {
    const { observed } = verdict;
    if (observed === undefined) return this.#statement(via, verdict, 'allow', null, bound);
    return this.#statement(via, verdict, 'observe', observed, bound);
  }

  #statement(
    via: Via,
    verdict: Verdict,
    decision: 'allow' | 'observe' | 'deny' | 'hold',
    error: ErrorFields | null,
    { parameters = NONE, inFull = null, hold }: Bound = UNBOUND,
  ): number {
    const statement = ++this.#sums.statements;
    const brief = inFull !== null && verdict.redactedText.length > LONG_TEXT;
    this.#metrics.statement(decision, via);
    const { session, grant, principal, database, client } = this.ref;
    const { tags, needs } = summaryOf(verdict);
    const scores = this.#scores;
    this.#scores = null;
    this.#trail.append({
      type: 'statement',
      session,
      grant,
      principal,
      database,
      client,
      statement,
      via,
      decision,
      sql: brief ? `${verdict.redactedText.slice(0, LONG_TEXT)}...` : verdict.redactedText,
      sqlJson: brief ? undefined : verdict.redactedJson,
      tags,
      needs: brief ? NONE : needs,
      inFull: brief ? inFull : undefined,
      reasons: error === null ? NONE : reasonsOf(error, verdict),
      sqlstate: decision === 'observe' ? null : (error?.sqlstate ?? null),
      parameters: parameters.length > 0 ? parameters : undefined,
      hold,
      risk: scores?.statement ?? undefined,
      sessionRisk: scores?.session,
    });
    return statement;
  }
}

/** What the client is told, without words of its statement that the trail does not have: a syntax error quotes one. */
function reasonsOf({ message, detail }: ErrorFields, { redactedText }: Verdict): readonly string[] {
  const word = /at or near "(.*)"$/s.exec(message)?.[1];
  const known = word === undefined || redactedText.includes(word);
  const told = known ? message : message.replace(/at or near ".*"$/s, 'at or near "***"');
  return detail === undefined ? [told] : [told, detail];
}

/** Characters. A longer text is not written again and again, each time a few bytes ask for its execution. */
const LONG_TEXT = 8192;

const NONE: readonly never[] = Object.freeze([]);
const UNBOUND: Bound = Object.freeze({});

/** What is recorded of an execution beside its verdict. */
interface Bound {
  readonly parameters?: readonly (string | null)[];
  /** The statement that has recorded the same verdict in full. */
  readonly inFull?: number | null;
  /** The hold that let it pass. */
  readonly hold?: string | undefined;
}

interface Summary {
  readonly tags: readonly string[];
  readonly needs: readonly Need[];
}

/** A verdict is used again and again, by prepared statements, the cache, and other constants: what the trail says of it is made once. */
const summaries = new WeakMap<Verdict, Summary>();

function summaryOf(verdict: Verdict): Summary {
  const { common = verdict } = verdict;
  const known = summaries.get(common);
  if (known !== undefined) return known;
  const summary = {
    tags: common.statements.map(({ tag }) => tag),
    needs: common.statements.flatMap(({ needs }) => needs),
  };
  summaries.set(common, summary);
  return summary;
}
