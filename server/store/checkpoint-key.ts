import { CheckpointKey } from '../../audit/checkpoint.ts';
import { spoolKey } from '../../audit/checkpoint-files.ts';
import type { AuditConfig } from '../config-audit.ts';

/** What a node's checkpoints are signed by. @throws Error when the configured key is none, or none can be made */
export const checkpointKey = ({ checkpointKey, spool }: AuditConfig): CheckpointKey =>
  checkpointKey === null ? spoolKey(spool) : new CheckpointKey(checkpointKey);
