/** What `postern doctor` finds. */
export interface Finding {
  /** `database shop`, `redis`, `spool` ... */
  readonly about: string;
  /** `fail`: it does not work, or not as configured. `warn`: it works, and somebody should look at it. */
  readonly level: 'ok' | 'warn' | 'fail';
  /** A sentence without its full stop. */
  readonly what: string;
  /** What to do: SQL to run as an owner or superuser, or words. */
  readonly remedy: readonly string[];
}

/** Findings about one thing. */
export class Findings {
  readonly list: Finding[] = [];
  readonly #about: string;

  constructor(about: string) {
    this.#about = about;
  }

  ok(what: string): void {
    this.#add('ok', what, []);
  }

  warn(what: string, remedy: readonly string[] = []): void {
    this.#add('warn', what, remedy);
  }

  fail(what: string, remedy: readonly string[] = []): void {
    this.#add('fail', what, remedy);
  }

  #add(level: Finding['level'], what: string, remedy: readonly string[]): void {
    this.list.push({ about: this.#about, level, what, remedy });
  }
}

/** An error's own words. Connection errors of Node.js may have none but their code. */
export function reason(fault: unknown): string {
  if (!(fault instanceof Error)) return String(fault);
  return fault.message || String((fault as NodeJS.ErrnoException).code ?? fault.name);
}
