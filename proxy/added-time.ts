/**
 * What Postern adds to one exchange of a session: from the last bytes of the client's that came to their leaving for the
 * upstream (read, decided, scored, in the trail), and from the first bytes of the answer to their leaving for the client
 * (counted, leased). Not in it is what the process can't see: the two sockets more, and turns of the event loop before
 * bytes are read. An exchange that waits for a reviewer or for answers to those before it is left out.
 */
type Stage =
  | { readonly at: 'rest' }
  | { readonly at: 'gate'; readonly since: number }
  | { readonly at: 'upstream'; readonly spent: number }
  | { readonly at: 'results'; readonly spent: number; readonly since: number };

const REST: Stage = { at: 'rest' };
/** So many exchanges of a session are all measured; then one in SAMPLE, since a clock is read four times for each. */
const FIRST = 16;
const SAMPLE = 64;

export class AddedTime {
  /** ms. */
  readonly #measured: (ms: number) => void;
  #stage: Stage = REST;
  #exchanges = 0;

  constructor(measured: (ms: number) => void) {
    this.#measured = measured;
  }

  /** Bytes of the client's, while nothing of it is on its way. A message in pieces is measured from the last of them. */
  arrived(): void {
    if (this.#stage.at === 'rest' && ++this.#exchanges > FIRST && this.#exchanges % SAMPLE !== 0) return;
    if (this.#stage.at === 'rest' || this.#stage.at === 'gate')
      this.#stage = { at: 'gate', since: performance.now() };
  }

  /** All of it has been written to the upstream. */
  sent(): void {
    if (this.#stage.at === 'gate')
      this.#stage = { at: 'upstream', spent: performance.now() - this.#stage.since };
  }

  /** Bytes of the upstream's. */
  answered(): void {
    if (this.#stage.at === 'rest') return;
    this.#stage =
      this.#stage.at === 'upstream'
        ? { at: 'results', spent: this.#stage.spent, since: performance.now() }
        : REST;
  }

  /** Some of them have been written to the client. */
  passed(): void {
    if (this.#stage.at !== 'results') return;
    this.#measured(this.#stage.spent + performance.now() - this.#stage.since);
    this.#stage = REST;
  }

  /** Something else than Postern is waited for. */
  forget(): void {
    this.#stage = REST;
  }
}
