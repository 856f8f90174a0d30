import { SpoolSource } from '../audit/spool-source.ts';
import type { TrailSource } from '../audit/trail-source.ts';
import type { Config } from './config.ts';

/** Where reviewers read the trail. */
export function openTrailSource({ audit }: Pick<Config, 'audit'>): TrailSource {
  return new SpoolSource(audit.spool);
}
