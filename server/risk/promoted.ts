import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ModelStore } from '../../access/model-store.ts';
import type { Logger } from '../../proxy/ports.ts';
import type { ModelHost } from './model-host.ts';

export interface PromotedModelParts {
  readonly store: ModelStore;
  readonly model: ModelHost;
  /** Of the configuration: in use while none is promoted. */
  readonly configured: string;
  readonly logger: Logger;
}

/** ms between looks for a model that was promoted, or taken back. */
const LOOK = 2_000;

/** Follows `postern risk promote`: the model of this process becomes the one in Redis. */
export class PromotedModel {
  readonly #parts: PromotedModelParts;
  /** Digest of the promoted model in use; null: the configured one; undefined: none yet. */
  #digest: string | null | undefined;
  /** Of the promoted model in use: its thread may have to be started again. */
  #folder: string | null = null;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | null = null;

  constructor(parts: PromotedModelParts) {
    this.#parts = parts;
  }

  /** Resolves when there is a model, or none can be loaded. */
  async start(): Promise<void> {
    await this.#look();
    this.#digest ??= null;
    const { model, configured } = this.#parts;
    if (model.card === null) await model.use(configured);
    this.#timer = setInterval(() => {
      this.#looking ??= this.#look().finally(() => {
        this.#looking = null;
      });
    }, LOOK).unref();
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
    await this.#keep(null);
  }

  /** Without Redis the model stays. One that can't be used is tried once: it is the next that may be better. */
  async #look(): Promise<void> {
    const { store, model, configured, logger } = this.#parts;
    try {
      const digest = await store.current();
      if (digest === this.#digest) return;
      this.#digest = digest;
      if (digest !== null) await this.#usePromoted();
      else if (await model.use(configured)) await this.#keep(null);
    } catch (fault) {
      logger.warn({ err: fault }, 'no risk model can be taken from Redis');
    }
  }

  async #usePromoted(): Promise<void> {
    const files = await this.#parts.store.read();
    if (files === null) return;
    const folder = await mkdtemp(join(tmpdir(), 'postern-model-'));
    for (const [name, bytes] of Object.entries(files))
      await writeFile(join(folder, name), Buffer.from(bytes, 'base64'));
    if (await this.#parts.model.use(folder)) await this.#keep(folder);
    else await rm(folder, { recursive: true, force: true });
  }

  async #keep(folder: string | null): Promise<void> {
    const previous = this.#folder;
    this.#folder = folder;
    if (previous !== null) await rm(previous, { recursive: true, force: true });
  }
}
