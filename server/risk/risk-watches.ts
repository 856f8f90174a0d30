import type { Grant } from '../../access/grant.ts';
import type { HabitBook, HabitSubject } from '../../access/habit-book.ts';
import type { Habits } from '../../access/habits.ts';
import type { AuditEvent } from '../../audit/events.ts';
import type { GrantTicket, Logger, LoginFacts, RiskWatch, RiskWatches } from '../../proxy/ports.ts';
import { type RiskConfig, thresholdsOf } from '../config-risk.ts';
import type { EventMessage } from '../events/message.ts';
import type { DriftWatch } from './drift-watch.ts';
import { type AlertBudget, limitsOf, type OperatingPoints } from './limits.ts';
import type { ModelHost } from './model-host.ts';
import { Novelty } from './novelty.ts';
import type { RiskMetrics } from './risk-metrics.ts';
import { clientThing, hourThing, networkThing, sessionContext } from './session-context.ts';
import { type RiskAlarm, SessionWatch } from './session-watch.ts';
import type { TouchedClasses } from './touched-classes.ts';

export interface RiskWatchesParts {
  readonly risk: RiskConfig;
  readonly habits: Habits;
  readonly model: ModelHost;
  readonly metrics: RiskMetrics;
  /** Tells receivers outside. */
  readonly tell: (message: EventMessage) => void;
  readonly drift: DriftWatch;
  readonly classes: TouchedClasses;
  readonly logger: Logger;
  readonly grantOf: (ticket: GrantTicket) => Grant;
  /** Whether nothing is refused on this database. */
  readonly observes: (database: string) => boolean;
  readonly record: (event: AuditEvent) => void;
  /** Ends the grant and its sessions on all nodes. */
  readonly revoke: (grant: string) => Promise<boolean>;
}

/** The watches of a process's sessions: they share habits and model. */
export class ModelWatches implements RiskWatches {
  readonly #parts: RiskWatchesParts;

  constructor(parts: RiskWatchesParts) {
    this.#parts = parts;
  }

  async open(ticket: GrantTicket, login: LoginFacts): Promise<RiskWatch> {
    const { risk, habits, model, metrics, observes, record, drift, classes } = this.#parts;
    const grant = this.#parts.grantOf(ticket);
    const { session, database, application } = login;
    const { teams } = grant.principal;
    const subjects = subjectsOf(grant.principal.id, teams, application, database);
    const books = await habits.open(subjects);
    const novelty = new Novelty(books);
    const thresholds = thresholdsOf(risk, database, teams);
    const begun = new Date();
    const knows = (thing: string): boolean => novelty.isUsual(habits.markOf(thing));
    const context = sessionContext(grant, login, begun, novelty, knows);
    const client = `${login.address}:${login.port}`;
    const ref = { session, grant: grant.id, principal: grant.principal.id, database, client };
    const things = [clientThing(application), networkThing(login.address), hourThing(begun.getUTCHours())];
    return new SessionWatch({
      ref,
      context,
      limits: () => limitsOf(thresholds, model.card?.points ?? NO_POINTS, this.#budget(books)),
      onFailure: risk.onFailure,
      observes: observes(database),
      novelty,
      metrics,
      drift,
      classes,
      marks: things.map((thing) => habits.markOf(thing)),
      markOf: (thing) => habits.markOf(thing),
      assess: (question) => {
        habits.count(subjects.at(-1)!, 'scored');
        return model.assess(question);
      },
      record: (alarm) => {
        record(flagEvent(alarm, { ...ref, application, teams, context }));
        this.#log(alarm, ref);
        this.#tell(alarm, { ...ref, application, teams });
      },
      learn: (marks, sums) => {
        for (const subject of subjects) habits.learn(subject, marks, sums);
      },
      revoke: () => this.#revoke(grant.id),
      leave: () => {
        model.forget(session);
        habits.release(books);
      },
    });
  }

  #budget(books: readonly HabitBook[]): AlertBudget | null {
    const { alarmsPerDay } = this.#parts.risk;
    const scoredPerDay = books.at(-1)?.scoredPerDay ?? null;
    return alarmsPerDay === null || scoredPerDay === null ? null : { alarmsPerDay, scoredPerDay };
  }

  #log(alarm: RiskAlarm, ref: object): void {
    const { id, action, cause, score, sessionScore, reasons } = alarm;
    this.#parts.logger.warn({ ...ref, alarm: id, action, cause, score, sessionScore, reasons }, 'risk alarm');
  }

  #tell({ id, sql, ...alarm }: RiskAlarm, where: object): void {
    const data = { alarm: id, ...alarm, ...where };
    const timestamp = new Date().toISOString();
    this.#parts.tell({ id, type: 'risk.alarm', timestamp, about: id, data, sql: { sql } });
  }

  /** The session itself ends without it: on the other nodes, and for later logins, the grant has to go. */
  #revoke(grant: string): void {
    this.#parts.revoke(grant).catch((fault: unknown) => {
      this.#parts.logger.error({ err: fault, grant }, 'a grant can not be revoked for its risk');
    });
  }
}

/** Without a model nothing is scored. */
const NO_POINTS: OperatingPoints = { statements: [], sessions: [] };

type RiskFlag = Extract<AuditEvent, { type: 'risk.flag' }>;
type FlagContext = Omit<RiskFlag, 'type' | 'alarm' | 'action' | 'statement' | keyof RiskAlarm>;

function flagEvent({ id, ...alarm }: RiskAlarm, context: FlagContext): RiskFlag {
  return { type: 'risk.flag', alarm: id, ...alarm, ...context };
}

/** Whose habits a session's are. */
export function subjectsOf(
  principal: string,
  teams: readonly string[],
  application: string | null,
  database: string,
): readonly HabitSubject[] {
  return [
    { kind: 'principal', name: principal, database },
    ...teams.map((team): HabitSubject => ({ kind: 'team', name: team, database })),
    ...(application === null ? [] : [{ kind: 'application', name: application, database } as const]),
    { kind: 'database', name: database, database },
  ];
}

const NO_WATCH: RiskWatch = { consider: () => null, scores: null, close: () => {} };

/** Where the configuration asks for none. */
export const NO_WATCHES: RiskWatches = { open: () => Promise.resolve(NO_WATCH) };
