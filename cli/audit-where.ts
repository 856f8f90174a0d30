/** Where `postern audit` reads the trail. */
import { type Command, Option } from 'commander';
import type { TrailPlaces } from '../audit/store/whole-trail.ts';
import type { AuditConfig } from '../server/config-audit.ts';
import { storeAt, storeTarget } from '../server/store/store-connection.ts';

export interface WhereOptions {
  readonly spool?: string;
  readonly config?: string;
  readonly store?: string;
  readonly schema?: string;
}

export interface Where extends TrailPlaces {
  /** null: places were named, and no configuration was read. */
  readonly audit: AuditConfig | null;
}

export const located = (command: Command): Command =>
  command
    .addOption(new Option('--spool <dir>', 'the spool').conflicts('config'))
    .addOption(new Option('--store <url>', 'the store').conflicts('config'))
    .option('--schema <name>', 'of the store')
    .option(
      '--config <file>',
      'configuration that names spool and store (default: $POSTERN_CONFIG, or ./postern.yaml)',
    );

/** What is named alone, else what the configuration has. It is loaded when needed: it brings the libraries of all that is configured. */
export async function whereOf({ spool, store, schema, config }: WhereOptions): Promise<Where> {
  const named = store === undefined ? null : storeAt(store, schema);
  if (spool !== undefined || named !== null) return { spool: spool ?? null, store: named, audit: null };
  const { configOf } = await import('./issuer.ts');
  const { audit } = configOf(config);
  return { spool: audit.spool, store: audit.store && storeTarget(audit.store), audit };
}
