/**
 * Turns of the event loop for who has much to send, a piece at a time, while others send statements. All sessions queue
 * for them, since they share the loop: however many such clients there are, what others have to wait for is one piece.
 * And since they share the cores, too, with servers and clients that have as much to do, there is a rest before each
 * piece of a bulk: a process that never sleeps waits for its time slice, and so would they.
 */
/** ms after a statement of theirs in which others are thought to send the next. */
const COMPANY = 50;
const REST = 1;

/** Who was heard last, when, and when the last of all others was: performance.now(). */
const heard: { who: object | null; at: number; others: number } = {
  who: null,
  at: -COMPANY,
  others: -COMPANY,
};

/** Somebody has sent a statement, or some of one. */
export function hear(who: object): void {
  if (heard.who !== who) {
    heard.others = heard.at;
    heard.who = who;
  }
  heard.at = performance.now();
}

/** Has anybody else sent a statement of late? */
export function inCompany(who: object): boolean {
  const since = heard.who === who ? heard.others : heard.at;
  return performance.now() - since < COMPANY;
}

/** Resolves in a turn of the event loop in which it does for nobody else. `bulk`: it is one of very many, and waits longer. */
export function turn(who: object, bulk: boolean): Promise<void> {
  return new Promise((resolve) => (bulk ? bulks : pieces).join({ who, resolve }));
}

/** Who has answers that came in this turn of the event loop. */
export interface Answering {
  /** Never throws. */
  passOn(): void;
}

let answering: Answering[] = [];

/**
 * Has it pass on its answers when all that has come in this turn is read. To write is to wake a client, which on shared
 * cores would run at once, in the place of the process that has answers of others to read.
 */
export function passOnLater(who: Answering): void {
  if (answering.push(who) === 1) setImmediate(passOnAll);
}

function passOnAll(): void {
  const all = answering;
  answering = [];
  for (const who of all) who.passOn();
}

interface Waiting {
  readonly who: object;
  readonly resolve: () => void;
}

/** One after another, each when `schedule` has it. */
class Queue {
  readonly #schedule: (next: () => void, first: Waiting) => void;
  readonly #waiting: Waiting[] = [];

  constructor(schedule: (next: () => void, first: Waiting) => void) {
    this.#schedule = schedule;
  }

  join(one: Waiting): void {
    if (this.#waiting.push(one) === 1) this.#go();
  }

  #go(): void {
    const [first] = this.#waiting;
    if (first !== undefined) this.#schedule(this.#next, first);
  }

  readonly #next = (): void => {
    this.#waiting.shift()?.resolve();
    this.#go();
  };
}

/** Apart, so that a result of some pieces does not wait for the rests of bulks. */
const pieces = new Queue((next) => setImmediate(next));
const bulks = new Queue((next, { who }) => (inCompany(who) ? setTimeout(next, REST) : setImmediate(next)));
