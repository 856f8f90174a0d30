/** Tells how far a run has come, and how long it will take: by the estimates of its parts, and how true they were so far. */
export class Progress {
  readonly #estimates: readonly number[];
  readonly #print: (line: string) => void;
  readonly #start = performance.now();
  #part = 0;
  /** s that the finished parts took, and that they were thought to take. */
  #taken = 0;
  #thought = 0;
  #since = this.#start;

  /** In seconds. */
  constructor(estimates: readonly number[], print: (line: string) => void) {
    this.#estimates = estimates;
    this.#print = print;
  }

  begin(title: string): void {
    this.#since = performance.now();
    const left = this.#estimates.slice(this.#part).reduce((sum, each) => sum + each, 0);
    const factor = this.#thought === 0 ? 1 : this.#taken / this.#thought;
    const place = `[${this.#part + 1}/${this.#estimates.length}]`;
    this.#print(`${place} ${title}: ${clock(this.#elapsed())}, about ${clock(left * factor)} left`);
  }

  say(line: string): void {
    this.#print(`  ${clock(this.#elapsed())} ${line}`);
  }

  end(): void {
    this.#taken += (performance.now() - this.#since) / 1000;
    this.#thought += this.#estimates[this.#part] ?? 0;
    this.#part += 1;
  }

  #elapsed(): number {
    return (performance.now() - this.#start) / 1000;
  }
}

/** Minutes and seconds. */
function clock(seconds: number): string {
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}
