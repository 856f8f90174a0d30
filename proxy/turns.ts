/**
 * Turns of the event loop for who has much to send, a piece at a time, while others send statements. All sessions queue
 * for them, since they share the loop: however many such clients there are, what others have to wait for is one piece.
 * And since they share the cores, too, with servers and clients that have as much to do, there is a rest before each
 * piece of a bulk: a process that never sleeps waits for its time slice, and so would they.
 */
interface Waiting {
  readonly who: object;
  readonly bulk: boolean;
  readonly resolve: () => void;
}

const waiting: Waiting[] = [];

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

/** Resolves in a turn of the event loop in which it does for nobody else. `bulk`: it is one of very many. */
export function turn(who: object, bulk: boolean): Promise<void> {
  return new Promise((resolve) => {
    if (waiting.push({ who, bulk, resolve }) === 1) schedule();
  });
}

function schedule(): void {
  const [first] = waiting;
  if (first === undefined) return;
  if (first.bulk && inCompany(first.who)) setTimeout(next, REST);
  else setImmediate(next);
}

function next(): void {
  waiting.shift()?.resolve();
  schedule();
}
