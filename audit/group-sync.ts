import { fdatasync } from 'node:fs';

/**
 * fdatasync for many commits at once: whoever asks while one runs shares the next, since only a sync that begins
 * after their write covers it.
 */
export class GroupSync {
  #running: Promise<boolean> | null = null;
  #next: Promise<boolean> | null = null;

  /** Resolves true once everything written to the descriptor before this call is on disk, false if that failed. */
  sync(fd: () => number | null): Promise<boolean> {
    if (this.#running === null) {
      this.#running = this.#run(fd());
      return this.#running;
    }
    this.#next ??= this.#running.then(() => {
      this.#next = null;
      this.#running = this.#run(fd());
      return this.#running;
    });
    return this.#next;
  }

  #run(fd: number | null): Promise<boolean> {
    return new Promise<boolean>((resolve) => {
      if (fd === null) resolve(false);
      else fdatasync(fd, (error) => resolve(error === null));
    }).finally(() => {
      if (this.#next === null) this.#running = null;
    });
  }
}
