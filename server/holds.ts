/** Joins the statements that sessions hold to those who decide on them: the configuration's terms, Redis, metrics. */
import type { Grant } from '../access/grant.ts';
import type { HoldForm } from '../access/holds/held.ts';
import type { WaitingHolds } from '../access/holds/waiting-holds.ts';
import { maskedText } from '../audit/masked.ts';
import type {
  GrantTicket,
  HeldStatement,
  Hold,
  HoldOutcome,
  Holds,
  LoginFacts,
  SessionHolds,
} from '../proxy/ports.ts';
import type { HoldConfig } from './config-hold.ts';
import type { HoldsMetrics } from './holds-metrics.ts';

export interface ReviewedHoldsParts {
  readonly waiting: WaitingHolds;
  readonly metrics: HoldsMetrics;
  readonly grantOf: (ticket: GrantTicket) => Pick<Grant, 'principal'>;
  readonly termsOf: (database: string) => HoldConfig;
}

export class ReviewedHolds implements Holds {
  readonly #parts: ReviewedHoldsParts;

  constructor(parts: ReviewedHoldsParts) {
    this.#parts = parts;
  }

  open(ticket: GrantTicket, login: LoginFacts): SessionHolds {
    const { inTransaction: inBlock, wait, transactionWait } = this.#parts.termsOf(ticket.database);
    return {
      limit: (inTransaction) => {
        if (!inTransaction) return wait;
        return inBlock === 'deny' ? null : transactionWait;
      },
      ask: (statement, asked, signal) => this.#ask(this.#form(ticket, login, statement), asked, signal),
    };
  }

  async #ask(form: HoldForm, asked: (hold: Hold) => void, signal: AbortSignal): Promise<HoldOutcome> {
    const { waiting, metrics, termsOf } = this.#parts;
    const { wait, transactionWait } = termsOf(form.database);
    const begun = performance.now();
    metrics.begun();
    const limit = form.statement.inTransaction ? transactionWait : wait;
    const outcome = await waiting.ask(form, { wait: limit, asked, signal });
    metrics.ended(outcome.kind, performance.now() - begun);
    return outcome;
  }

  #form(ticket: GrantTicket, login: LoginFacts, statement: HeldStatement): HoldForm {
    const { grantOf, termsOf } = this.#parts;
    const { id, actsFor } = grantOf(ticket).principal;
    const { session, grant, database, address, port, application } = login;
    const principal = { id, ...(actsFor !== undefined && { actsFor }) };
    const { groups } = termsOf(database);
    return {
      session,
      grant,
      principal,
      database,
      client: `${address}:${port}`,
      application,
      statement: withoutSecrets(statement),
      groups,
    };
  }
}

/** As the trail has it: its text has been redacted before. */
const withoutSecrets = (statement: HeldStatement): HeldStatement => ({
  ...statement,
  parameters: statement.parameters?.map((each) => (each === null ? null : maskedText(each))) ?? null,
});
