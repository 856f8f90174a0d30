import type { ClientBase } from 'pg';
import type { CheckpointKey } from '../../audit/checkpoint.ts';
import { CheckpointCompaction } from '../../audit/compact-checkpoints.ts';
import { CheckpointShipping } from '../../audit/store/checkpoint-shipping.ts';
import { prune } from '../../audit/store/prune.ts';
import { retire } from '../../audit/store/retention.ts';
import type { StreamShipper } from '../../audit/store/stream-shipper.ts';
import type { AuditConfig } from '../config-audit.ts';

/** From one look at what may go to the next, ms. */
const PRUNE = 60_000;
const RETIRE = 3_600_000;
const COMPACT = 600_000;

/** What the shipper does between rounds: checkpoints, and making room in spool and store. Checkpoints are compacted beside that. */
export class ShipperChores {
  readonly #audit: AuditConfig;
  readonly #key: CheckpointKey;
  readonly #checkpoints: CheckpointShipping;
  readonly #compaction: CheckpointCompaction;
  #compacting = false;
  #compactAt = 0;
  #pruneAt = 0;
  #retireAt = 0;

  constructor(audit: AuditConfig, key: CheckpointKey) {
    this.#audit = audit;
    this.#key = key;
    this.#checkpoints = new CheckpointShipping(audit.spool);
    this.#compaction = new CheckpointCompaction({ spool: audit.spool, publicKey: key.publicKey });
  }

  async run(client: ClientBase, streams: readonly StreamShipper[]): Promise<void> {
    const { spool, keep, retention } = this.#audit;
    const now = Date.now();
    for (const stream of streams) await this.#checkpoints.ship(client, stream);
    if (keep !== null && this.#pruneAt <= now) {
      this.#pruneAt = now + Math.min(PRUNE, Math.max(keep, 1_000));
      for (const stream of streams)
        await prune(client, stream, { spool, key: this.#key, before: now - keep });
    }
    if (!this.#compacting && this.#compactAt <= now) {
      this.#compactAt = now + COMPACT;
      void this.#compact(streams);
    }
    if (retention !== null && this.#retireAt <= now) {
      this.#retireAt = now + RETIRE;
      await retire(client, this.#key, { retention, now });
    }
  }

  async #compact(streams: readonly StreamShipper[]): Promise<void> {
    this.#compacting = true;
    // One that fails has grown further by the next time: nothing is lost.
    for (const { name } of streams) await this.#compaction.compact(name).catch(() => 0);
    this.#compacting = false;
  }
}
