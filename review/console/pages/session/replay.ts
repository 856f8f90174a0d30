/** A replay: which statement it is at, and how it goes on from there by itself. */
import { signal } from '@preact/signals';
import type { TrailStatement } from '../../api/answers.ts';

export const SPEEDS = [1, 4, 16, 64] as const;
export type Speed = (typeof SPEEDS)[number];

/** ms that a pause is shown at most, however long it was. */
const LONGEST_PAUSE = 2_000;
const SHORTEST_PAUSE = 40;

export class Replay {
  readonly #at: (number: number) => TrailStatement | null;
  readonly #want: (from: number, to: number) => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Number of the statement, from 1. */
  readonly position = signal(1);
  /** Statements that there are. */
  readonly total = signal(0);
  readonly playing = signal(false);
  readonly speed = signal<Speed>(4);

  constructor(at: (number: number) => TrailStatement | null, want: (from: number, to: number) => void) {
    this.#at = at;
    this.#want = want;
  }

  go(number: number): void {
    this.position.value = Math.max(1, Math.min(number, this.total.peek()));
    if (this.playing.peek()) this.#arm();
  }

  toggle(): void {
    if (this.playing.peek()) this.pause();
    else this.play();
  }

  /** From the beginning, where it is at the end. */
  play(): void {
    if (this.position.peek() >= this.total.peek()) this.position.value = 1;
    this.playing.value = true;
    this.#arm();
  }

  pause(): void {
    clearTimeout(this.#timer);
    this.playing.value = false;
  }

  setSpeed(speed: Speed): void {
    this.speed.value = speed;
    if (this.playing.peek()) this.#arm();
  }

  #arm(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#step(), this.#pause());
  }

  #step(): void {
    const next = this.position.peek() + 1;
    if (next > this.total.peek()) return this.pause();
    this.position.value = next;
    this.#arm();
  }

  /** As long as it took then, by the speed; short where that is not loaded yet. */
  #pause(): number {
    const number = this.position.peek();
    this.#want(number, number + 100);
    const [one, other] = [this.#at(number), this.#at(number + 1)];
    if (one === null || other === null) return SHORTEST_PAUSE * 5;
    const then = Date.parse(other.statement.at) - Date.parse(one.statement.at);
    return Math.max(SHORTEST_PAUSE, Math.min(then / this.speed.peek(), LONGEST_PAUSE));
  }
}
