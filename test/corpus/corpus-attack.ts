/** What an attack's runs must give: its effect without the proxy, a refusal through it, and twins that work. */
import type { Attack, GrantLines } from './case-format.ts';
import { type CaseResult, type Lane, NOTHING, trial } from './corpus-case.ts';
import { errorLines, type Outcome } from './corpus-run.ts';

export async function runAttack(
  lane: Lane,
  of: Attack,
  group: string,
  given: GrantLines | undefined,
): Promise<CaseResult> {
  const runs = new AttackRuns(lane, of, of.grant ?? given ?? NOTHING);
  const unproven = await runs.bare();
  const escaped = await runs.guarded();
  const twins = [await runs.twin(), await runs.covered()].filter((each) => each !== null);
  const denied = twins.flat();
  return {
    class: group,
    id: of.id,
    right: escaped.length === 0,
    allowed: twins.length,
    falselyDenied: denied.length,
    faults: [...unproven, ...escaped, ...denied],
  };
}

class AttackRuns {
  readonly #lane: Lane;
  readonly #of: Attack;
  readonly #grant: GrantLines;
  readonly #effect: AttackEffect;

  constructor(lane: Lane, of: Attack, grant: GrantLines) {
    this.#lane = lane;
    this.#of = of;
    this.#grant = grant;
    this.#effect = new AttackEffect(of);
  }

  /** Why the attack is none, if it has no effect. */
  async bare(): Promise<readonly string[]> {
    const outcome = await this.#attack(null);
    return this.#effect.missing(outcome).map((part) => `without the proxy, ${part}: ${errorLines(outcome)}`);
  }

  /** How it got through. */
  async guarded(): Promise<readonly string[]> {
    const outcome = await this.#attack(this.#grant);
    const happened = this.#effect.happened(outcome);
    if (!this.#of.writes && outcome.changed) happened.push('the database has changed');
    if (!this.#isRefused(outcome)) happened.push(`not refused by ${this.#of.denied ?? 'the grant'}`);
    return happened.map((part) => `through the proxy, ${part}: ${errorLines(outcome)}`);
  }

  /** Why the twin was denied; null if there is none. */
  async twin(): Promise<readonly string[] | null> {
    const { twin } = this.#of;
    if (twin === undefined) return null;
    const { steps, grant = this.#grant, shows = '' } = { grant: undefined, shows: undefined, ...twin };
    const outcome = await trial({ lane: this.#lane, of: this.#of, steps, probe: null, grant });
    if (outcome.errors.length > 0) return [`the twin failed: ${errorLines(outcome)}`];
    return new RegExp(shows, 's').test(outcome.seen) ? [] : [`the twin does not show ${shows}`];
  }

  /** Why the attack was denied under the grant that covers it; null if there is none. */
  async covered(): Promise<readonly string[] | null> {
    const { covered } = this.#of;
    if (covered === undefined) return null;
    const outcome = await this.#attack(covered);
    if (this.#lane.bench.wall && refusedByPostgres(outcome)) return null;
    return this.#effect
      .missing(outcome)
      .map((part) => `under the covering grant, ${part}: ${errorLines(outcome)}`);
  }

  /** With the second wall also by PostgreSQL itself, in its own words. */
  #isRefused(outcome: Outcome): boolean {
    const { denied } = this.#of;
    if (denied === 'none') return true;
    if (this.#lane.bench.wall && outcome.errors.length > 0) return true;
    return outcome.errors.some(({ sqlstate, message }) =>
      denied === undefined ? sqlstate === '42501' && REFUSAL.test(message) : sqlstate === denied,
    );
  }

  #attack(grant: GrantLines | null) {
    const { attack: steps, changes: probe = null } = this.#of;
    return trial({ lane: this.#lane, of: this.#of, steps, probe, grant });
  }
}

/** What an attack does if it works. */
class AttackEffect {
  readonly #shows: RegExp | null;
  readonly #changes: boolean;

  constructor({ shows, changes }: Attack) {
    this.#changes = changes !== undefined;
    this.#shows = shows === undefined && this.#changes ? null : new RegExp(shows ?? 'TOPSECRET', 's');
  }

  missing(outcome: Outcome): string[] {
    return [
      ...(this.#shows?.test(outcome.seen) === false ? [`the client does not see ${this.#shows.source}`] : []),
      ...(this.#changes && !outcome.probeChanged ? ['the probe shows no change'] : []),
    ];
  }

  happened(outcome: Outcome): string[] {
    return [
      ...(this.#shows?.test(outcome.seen) ? [`the client sees ${this.#shows.source}`] : []),
      ...(this.#changes && outcome.probeChanged ? ['the probe shows a change'] : []),
    ];
  }
}

const REFUSAL = /^(permission denied by grant|refused under any grant): /;

/** Code of others that the grant allows to be run has no more rights than the grant's own role. */
const refusedByPostgres = ({ errors }: Outcome): boolean =>
  errors.some(({ message }) => /^permission denied for|^password or GSSAPI/.test(message));
