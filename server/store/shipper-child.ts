/** Entry of the process that ships a node's spool into the store. It lives as long as the process that started it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Shipper } from '../../audit/store/shipper.ts';
import { createLog } from '../log.ts';
import { checkpointKey } from './checkpoint-key.ts';
import { ShippedNote, shippedOf } from './shipped-note.ts';
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

let running: { readonly shipper: Shipper; readonly note: () => void } | null = null;

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
  const note = new ShippedNote(audit.spool);
  const shipped = note.read();
  let fault: string | null = null;
  const shipper = new Shipper({
    target: storeTarget(audit.store),
    spool: audit.spool,
    span: audit.retention !== null && audit.retention <= SHORT_RETENTION ? 'day' : 'month',
    chores: async (client, streams) => {
      for (const { stored } of streams) shipped.set(...shippedOf(stored));
      await chores.run(client, streams);
    },
    onChange: (error) => {
      if (error === null) logger.info('the audit store is reached');
      else logger.warn({ err: error }, 'the audit store is out of reach; the spool keeps what it lacks');
    },
    onFault: (stream, error) => {
      fault = `${stream.node}/${stream.stream}: ${error.message}`;
      logger.error({ err: error, stream }, 'a stream of the spool can not be shipped');
    },
  });
  const report = async (): Promise<void> => {
    const { events, since } = await spoolLag(audit.spool, shipped);
    const { up, shipped: count, error } = shipper.state;
    const behindSeconds = since === null ? 0 : Math.max(0, Date.now() - since) / 1_000;
    const state = { reachable: up, fault: error ?? fault, behind: events, behindSeconds, shipped: count };
    if (events === 0) fault = null;
    send({ kind: 'state', state });
    note.write(shipped);
  };
  running = { shipper, note: () => note.write(shipped) };
  shipper.start();
  void reportOn(report);
}

async function reportOn(report: () => Promise<void>): Promise<void> {
  for (;;) {
    await report().catch(() => {}); // a segment went while it was read, or there is no room for a note
    await sleep(REPORT, undefined, { ref: false });
  }
}

async function stop(): Promise<void> {
  await running?.shipper.stop(LAST);
  try {
    running?.note();
  } catch {
    // What is known then is some events older.
  }
  process.exit(0);
}

function send(message: FromShipper): void {
  if (process.connected) process.send?.(message, undefined, undefined, () => {}); // `disconnect` follows
}
