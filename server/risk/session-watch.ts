import type { HabitMark } from '../../access/habit-filter.ts';
import type { HabitSums } from '../../access/habit-measures.ts';
import type { SessionRef } from '../../audit/events.ts';
import type { SessionContext } from '../../classifier/session/record.ts';
import type { Verdict } from '../../guardrails/types.ts';
import type { RiskRefusal, RiskScores, RiskWatch, SessionSums } from '../../proxy/ports.ts';
import { type Alarm, endedError, heldError, judgeScores, judgeUnscored } from './alarm.ts';
import type { Assessment, Question, Unscored } from './assessment.ts';
import type { DriftWatch } from './drift-watch.ts';
import { type Limits, lowestOf } from './limits.ts';
import type { Novelty } from './novelty.ts';
import type { RiskMetrics } from './risk-metrics.ts';
import { noveltyOf } from './statement-novelty.ts';
import { type StatementThings, thingsOf } from './statement-things.ts';
import type { TouchedClasses } from './touched-classes.ts';

export interface SessionWatchParts {
  readonly ref: SessionRef;
  readonly context: SessionContext;
  /** As the model in use has them. */
  limits(): Limits;
  readonly onFailure: 'hold' | 'allow';
  /** Nothing is refused, only flagged. */
  readonly observes: boolean;
  readonly novelty: Novelty;
  readonly metrics: Pick<RiskMetrics, 'looked' | 'scored' | 'unscored' | 'alarmed'>;
  /** Things of the session itself. */
  readonly marks: readonly HabitMark[];
  markOf(thing: string): HabitMark;
  readonly drift: Pick<DriftWatch, 'saw' | 'scored'>;
  readonly classes: Pick<TouchedClasses, 'of'>;
  assess(question: Question): Promise<Assessment | Unscored>;
  record(alarm: RiskAlarm): void;
  /** To all books of the session. `sums`: it is over. */
  learn(marks: readonly HabitMark[], sums: HabitSums | null): void;
  /** On all nodes. */
  revoke(): void;
  /** The session is over. */
  leave(): void;
}

export interface RiskAlarm extends Alarm {
  readonly id: string;
  readonly statement: number;
  readonly sql: string;
  /** What nobody, or not everybody, here has done before; in words. */
  readonly news: readonly string[];
}

/** Rows of a session until its evidence is looked at again, where nobody knows what is usual. */
const MANY_ROWS = 10_000;
/** Repetitions of one form that are scored each; beyond, those at powers of two. */
const EACH_SCORED = 32;
const MOST_FORMS = 1_000;
/** Of a text that is compared with the next, in UTF-16 units. */
const LONGEST_KEPT = 8_192;
const MOST_MARKS = 2_000;
const MOST_NEWS = 5;
/** ms after which a session that raised no alarm teaches without being over: pools keep theirs for days. */
const LESSON = 10 * 60_000;

/** What a form of statement has come to in this session. */
interface Form {
  /** Times it was unusual. */
  count: number;
  /** Its last text; the very same is not scored twice. */
  text: string | null;
  /** It was scored, and this is what came of it. */
  held: RiskRefusal | null;
}

/**
 * Watches one session. What is usual costs one look at a set; what is not is scored, once for each statement. A session
 * teaches what is usual only if it has raised no alarm.
 */
export class SessionWatch implements RiskWatch {
  readonly #parts: SessionWatchParts;
  /** Verdicts that nothing more needs to be asked about. */
  readonly #passed = new WeakSet<Verdict>();
  readonly #forms = new Map<string, Form>();
  readonly #details = new Set<string>();
  #marks: HabitMark[];
  #alarms = 0;
  #sessionFlagged = false;
  #rowsLimit: number;
  readonly #begun = performance.now();
  #taughtAt = performance.now();
  #scores: RiskScores | null = null;
  #told = { rows: 0, bytes: 0, failures: 0, longest: 0 };

  constructor(parts: SessionWatchParts) {
    this.#parts = parts;
    this.#marks = [...parts.marks];
    this.#rowsLimit = 2 * (parts.novelty.usual('rows') ?? MANY_ROWS / 2);
  }

  consider(verdict: Verdict, sums: SessionSums): null | Promise<RiskRefusal | null> {
    if (this.#hasPassed(verdict) && sums.rows < this.#rowsLimit) return null;
    return this.#look(verdict, sums);
  }

  #hasPassed(verdict: Verdict): boolean {
    return this.#passed.has(verdict) || (verdict.common !== undefined && this.#passed.has(verdict.common));
  }

  get scores(): RiskScores | null {
    return this.#scores;
  }

  close(sums: SessionSums): void {
    this.#teach({ ...sums, relations: this.#details.size });
    this.#parts.leave();
  }

  #look(verdict: Verdict, sums: SessionSums): null | Promise<RiskRefusal | null> {
    this.#scores = null;
    const things = thingsOf(verdict);
    const { novelty, metrics, markOf, drift } = this.#parts;
    const much = sums.rows >= this.#rowsLimit;
    if (much) this.#rowsLimit = 2 * sums.rows;
    const mark = markOf(things.form);
    const usual = novelty.isUsual(mark);
    if (!this.#hasPassed(verdict)) {
      metrics.looked(usual ? 'usual' : 'unusual');
      drift.saw(things.form, verdict.redactedText, usual);
    }
    const form = this.#form(things, mark);
    if (usual && !much) {
      this.#passed.add(verdict.common ?? verdict); // its form is usual, whatever the numbers
      return null;
    }
    if (form.held !== null) return Promise.resolve(form.held);
    const again = form.text === verdict.redactedText;
    form.text = verdict.redactedText.length <= LONGEST_KEPT ? verdict.redactedText : null;
    if (!again) form.count++;
    else if (!much) {
      this.#passed.add(verdict);
      return null;
    }
    if (!much && form.count > EACH_SCORED && !isPowerOfTwo(form.count)) return null;
    const limits = this.#parts.limits();
    return this.#score(verdict, sums, { usual, explainFrom: lowestOf(limits) }).then((answer) => {
      const refusal = this.#conclude(answer, limits, verdict, sums);
      if (refusal === null) this.#passed.add(verdict);
      else if (answer.kind === 'scored') form.held = refusal; // else it may be scored next time
      return refusal;
    });
  }

  async #score(
    verdict: Verdict,
    sums: SessionSums,
    { usual, explainFrom }: { readonly usual: boolean; readonly explainFrom: number },
  ): Promise<Assessment | Unscored> {
    const { ref, context, assess, metrics } = this.#parts;
    const asked = performance.now();
    const since = this.#since(sums);
    const things = thingsOf(verdict);
    const novelty = noveltyOf(things, this.#parts.novelty, this.#parts.markOf);
    const classes = this.#parts.classes.of(things);
    const t = Math.round((asked - this.#begun) / 1000);
    const sql = verdict.redactedText;
    const answer = await assess({
      session: ref.session,
      context,
      sql,
      t,
      ...(novelty !== null && { novelty }),
      ...(classes !== null && { classes }),
      explainFrom,
      since,
    });
    if (answer.kind === 'unscored') {
      metrics.unscored(answer.cause);
      return answer;
    }
    metrics.scored(answer.statement.score, (performance.now() - asked) / 1000);
    this.#scores = {
      statement: usual ? null : rounded(answer.statement.score),
      session: rounded(answer.session.score),
    };
    return usual ? { ...answer, statement: NOTHING } : answer;
  }

  /** What the session came to since the last question. */
  #since({ rows, bytes, errors, denied, longest }: SessionSums): Question['since'] {
    const told = this.#told;
    const failures = errors + denied;
    this.#told = { rows, bytes, failures, longest };
    const ms = longest > told.longest ? longest : 0;
    return { rows: rows - told.rows, bytes: bytes - told.bytes, failures: failures - told.failures, ms };
  }

  #conclude(
    answer: Assessment | Unscored,
    limits: Limits,
    verdict: Verdict,
    sums: SessionSums,
  ): RiskRefusal | null {
    const { onFailure, observes, drift } = this.#parts;
    const alarm = answer.kind === 'unscored' ? judgeUnscored(answer, onFailure) : judgeScores(answer, limits);
    if (answer.kind === 'scored') drift.scored(alarm !== null);
    if (alarm === null) return null;
    return this.#act(observes ? { ...alarm, action: 'flag' } : alarm, verdict, sums);
  }

  /** The same evidence of the session is flagged once. */
  #act(alarm: Alarm, verdict: Verdict, sums: SessionSums): RiskRefusal | null {
    const { ref, record, metrics, revoke } = this.#parts;
    const { action } = alarm;
    if (action === 'flag' && alarm.cause === 'session') {
      if (this.#sessionFlagged) return null;
      this.#sessionFlagged = true;
    }
    const id = `${ref.session}-${++this.#alarms}`;
    const news = this.#newsIn(thingsOf(verdict));
    metrics.alarmed(action);
    record({ ...alarm, id, statement: sums.statements + 1, sql: verdict.redactedText, news });
    if (action === 'flag') return null;
    const { reasons } = alarm;
    if (action === 'hold') return { error: heldError(alarm, id), reasons, ends: false };
    revoke();
    return { error: endedError(alarm, ref, id), reasons, ends: true };
  }

  /** The form, as this session knows it; new ones are noted, to be learned. */
  #form({ form: text, details }: StatementThings, mark: HabitMark): Form {
    const known = this.#forms.get(text);
    if (known !== undefined) return known;
    const form = { count: 0, text: null, held: null };
    if (this.#forms.size < MOST_FORMS) this.#forms.set(text, form);
    for (const detail of details) if (this.#details.size < MOST_MARKS) this.#details.add(detail);
    if (this.#marks.length < MOST_MARKS && this.#parts.novelty.isFresh(mark))
      this.#marks.push(mark, ...details.map((detail) => this.#parts.markOf(detail)));
    if (performance.now() - this.#taughtAt > LESSON) this.#teach(null);
    return form;
  }

  #newsIn({ form, details }: StatementThings): readonly string[] {
    const { novelty, markOf } = this.#parts;
    const told = (what: string, thing: string): readonly string[] => {
      const whom = novelty.newTo(markOf(thing));
      return whom === null ? [] : [`${what} is new to ${whom}`];
    };
    return [
      ...told('this form of statement', form),
      ...details.flatMap((detail) => told(detail, detail)),
    ].slice(0, MOST_NEWS);
  }

  /** INVARIANT: what raised an alarm does not become usual by itself, and neither does anything else of its session. */
  #teach(sums: HabitSums | null): void {
    this.#taughtAt = performance.now();
    if (this.#alarms > 0) return;
    this.#parts.learn(this.#marks, sums);
    this.#marks = [];
  }
}

const rounded = (score: number): number => Math.round(score * 10_000) / 10_000;

const NOTHING = { score: 0, reasons: [], weights: [] };

const isPowerOfTwo = (count: number): boolean => (count & (count - 1)) === 0;
