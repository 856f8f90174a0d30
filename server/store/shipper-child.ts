/** Entry of the process that ships a node's spool into the store. It lives as long as the process that started it. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { StoredStream } from '../../audit/store/shipment.ts';
import { Shipper } from '../../audit/store/shipper.ts';
import { createLog } from '../log.ts';
import { checkpointKey } from './checkpoint-key.ts';
import { ShipperChores } from './shipper-chores.ts';
import type { FromShipper, ToShipper } from './shipper-messages.ts';
import { spoolLag } from './spool-lag.ts';
import { storeTarget } from './store-connection.ts';

/** Between reports, ms. */
const REPORT = 1_000;
/** How long the end waits for what is still to be shipped, ms. */
const LAST = 5_000;
/** Trails that are kept for no longer are in partitions of days. */
const SHORT_RETENTION = 92 * 86_400_000;

let running: { readonly shipper: Shipper; report(): Promise<void> } | null = null;

// Signals go to the whole group (Ctrl-C); the node decides what they mean.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});
process.on('disconnect', () => process.exit(0));
process.on('message', (message: ToShipper) => {
  if (message.kind === 'start') start(message.config);
  else void stop();
});
send({ kind: 'ready' });

function start({ audit, node, logLevel }: Extract<ToShipper, { kind: 'start' }>['config']): void {
  if (audit.store === null) return;
  const logger = createLog({ logLevel, node }, 'shipper');
  const chores = new ShipperChores(audit, checkpointKey(audit));
  let fault: string | null = null;
  const shipper = new Shipper({
    target: storeTarget(audit.store),
    spool: audit.spool,
    span: audit.retention !== null && audit.retention <= SHORT_RETENTION ? 'day' : 'month',
    chores: (client, streams) => chores.run(client, streams),
    onChange: (error) => {
      if (error === null) logger.info('the audit store is reached');
      else logger.warn({ err: error }, 'the audit store is out of reach; the spool keeps what it lacks');
    },
    onFault: (stream, error) => {
      fault = `${stream.node}/${stream.stream}: ${error.message}`;
      logger.error({ err: error, stream }, 'a stream of the spool can not be shipped');
    },
  });
  const known = new Map<string, StoredStream>();
  const report = async (): Promise<void> => {
    for (const { stored } of shipper.streams) known.set(`${stored.name.node}/${stored.name.stream}`, stored);
    const { events, since } = await spoolLag(audit.spool, known);
    const { up, shipped, error } = shipper.state;
    const behindSeconds = since === null ? 0 : Math.max(0, Date.now() - since) / 1_000;
    const state = { reachable: up, fault: error ?? fault, behind: events, behindSeconds, shipped };
    if (events === 0) fault = null;
    send({ kind: 'state', state });
  };
  running = { shipper, report };
  shipper.start();
  void reportOn(report);
}

async function reportOn(report: () => Promise<void>): Promise<void> {
  for (;;) {
    await report().catch(() => {}); // a segment went while it was read
    await sleep(REPORT, undefined, { ref: false });
  }
}

async function stop(): Promise<void> {
  await running?.shipper.stop(LAST);
  process.exit(0);
}

function send(message: FromShipper): void {
  if (process.connected) process.send?.(message, undefined, undefined, () => {}); // `disconnect` follows
}
