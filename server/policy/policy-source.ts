/** The policy that decides now: follows its file while the node runs. */
import { type FSWatcher, readFileSync, watch } from 'node:fs';
import { dirname } from 'node:path';
import type { Policy } from '../../access/policy/policy.ts';
import { NO_POLICY } from '../../access/requests/ask.ts';
import { ConfigError } from '../config-document.ts';
import { loadPolicy, parsePolicy } from './policy-file.ts';

export interface PolicyNews {
  /** Decisions are by this one from now on. */
  readonly taken: (policy: Policy) => void;
  /** The file can't be used as it is now; the policy before it stays. `fault`: every fault with its line and column. */
  readonly refused: (fault: string) => void;
}

/** ms between looks, where the file system does not tell of changes (network file systems, some mounts of containers). */
const POLL = 2_000;
/**
 * ms that a changed file has to stand still: editors write in steps, and the first half of a policy can be one, too, with
 * a wider meaning than the whole.
 */
const SETTLED = 250;

/**
 * Watches the directory and not the file, which editors and deployments replace by another of the same name. INVARIANT:
 * `current` is always a policy that was right as a whole.
 */
export class PolicySource {
  readonly #news: PolicyNews;
  readonly #watcher: FSWatcher | null = null;
  readonly #poll: NodeJS.Timeout | undefined;
  #current: Policy = NO_POLICY;
  #refusal: string | null = null;
  /** What was judged last; null: the file could not be read. */
  #judged: string | null = null;
  #changed: { readonly text: string | null; readonly since: number } | null = null;
  #timer: NodeJS.Timeout | undefined;

  /** `file`: null for none, by which everything is reviewed. Throws ConfigError if it can't be used. */
  constructor(file: string | null, news: PolicyNews) {
    this.#news = news;
    if (file === null) return;
    this.#judged = readText(file);
    this.#current = policyOf(file, this.#judged);
    this.#watcher = watchOf(dirname(file), () => this.#look(file));
    this.#poll = setInterval(() => this.#look(file), POLL).unref();
  }

  get current(): Policy {
    return this.#current;
  }

  /** Why the file as it is now is not in use; null: it is. */
  get refusal(): string | null {
    return this.#refusal;
  }

  close(): void {
    this.#watcher?.close();
    clearInterval(this.#poll);
    clearTimeout(this.#timer);
  }

  #look(file: string): void {
    const text = readText(file);
    if (text === this.#judged) {
      this.#changed = null;
      return;
    }
    const now = performance.now();
    if (this.#changed === null || this.#changed.text !== text) this.#changed = { text, since: now };
    const left = this.#changed.since + SETTLED - now;
    if (left <= 0) return this.#judge(file, text);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#look(file), left).unref();
  }

  #judge(file: string, text: string | null): void {
    this.#judged = text;
    this.#changed = null;
    try {
      const policy = policyOf(file, text);
      this.#refusal = null;
      if (policy.revision === this.#current.revision) return; // taken back before it was ever in use
      this.#current = policy;
      this.#news.taken(policy);
    } catch (fault) {
      if (!(fault instanceof ConfigError)) throw fault;
      this.#refusal = fault.message;
      this.#news.refused(fault.message);
    }
  }
}

/** Throws ConfigError, also for what could not be read. */
const policyOf = (file: string, text: string | null): Policy =>
  (text === null ? loadPolicy(file) : parsePolicy(file, text)).policy;

/** null: it can't be watched, and looks have to do. */
function watchOf(directory: string, changed: () => void): FSWatcher | null {
  try {
    const watcher = watch(directory, { persistent: false }, changed);
    return watcher.on('error', () => watcher.close());
  } catch {
    return null;
  }
}

function readText(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
