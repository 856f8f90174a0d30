import { z } from 'zod';
import type { ChainHead } from '../audit/chain.ts';
import type { CheckProgress } from '../audit/chain-check.ts';
import type { SpoolReport, StreamReport } from '../audit/verify.ts';
import { EXIT, ExitError } from './exit.ts';

/** The report of `audit verify` for people. */
export function verdictOf(report: SpoolReport): string {
  const broken = report.streams.filter((stream) => stream.breaks > 0).length;
  const events = `${report.events} events in ${report.streams.length} streams`;
  const verdict = report.ok ? `ok: ${events}, every chain is whole` : `BROKEN: ${broken} of ${events}`;
  return [...report.streams.map(streamLine), verdict, ...unsignedLine(report)].join('\n');
}

/** What the chain alone vouches for is said to be so. */
function unsignedLine({ streams }: SpoolReport): readonly string[] {
  const unsigned = streams.filter(({ signed, events }) => signed === null && events > 0);
  const keys = [...new Set(unsigned.flatMap(({ unknownKeys }) => unknownKeys))];
  if (unsigned.length === 0) return [];
  const hint =
    keys.length === 0 ? '' : `; give the public keys ${keys.join(', ')} by --key, or audit.checkpointKeys`;
  return [`no signature could be checked of ${unsigned.length} of ${streams.length} streams${hint}`];
}

/** Tells a person at a terminal how a check goes, on a line that goes again. */
export function progressOn(output: NodeJS.WriteStream): CheckProgress {
  let [expected, checked, told] = [0, 0, 0];
  return {
    expect: (events) => {
      expected += events;
    },
    checked: (events) => {
      checked += events;
      if (!output.isTTY || checked - told < PROGRESS_STEP) return;
      told = checked;
      output.write(`\r${checked} of about ${expected} events\r`);
    },
  };
}

const PROGRESS_STEP = 10_000;

function streamLine(stream: StreamReport): string {
  const torn = stream.tornBytes > 0 ? `, ${stream.tornBytes} bytes not whole yet` : '';
  const head = stream.head === null ? '' : `, head ${stream.head.seq} ${stream.head.hash.slice(0, 16)}`;
  const { signed, unknownKeys } = stream;
  const foreign = unknownKeys.length === 0 ? '' : `, signed by an unknown key (${unknownKeys.join(', ')})`;
  const by = signed === null ? foreign : `, signed up to ${signed.seq} (${signed.at}, key ${signed.key})`;
  const line = `${stream.name}: ${stream.events} events, ${stream.segments} segments${head}${by}${torn}`;
  if (stream.firstBreak === null) return line;
  const { place, seq, fault, detail } = stream.firstBreak;
  const event = seq === null ? '' : ` (event ${seq})`;
  const more = stream.breaks > 1 ? `; ${stream.breaks - 1} more behind it` : '';
  return `${line}\n  broken at ${place}${event}: ${fault}, ${detail}${more}`;
}

const NOTED = z.object({
  streams: z.array(
    z.object({
      name: z.string(),
      head: z.object({ seq: z.int().positive(), hash: z.string().regex(/^[0-9a-f]{64}$/) }).nullable(),
    }),
  ),
});

/** The heads in an earlier report of `audit verify --json`. */
export function anchorsOf(json: string): ReadonlyMap<string, ChainHead> {
  try {
    const { streams } = NOTED.parse(JSON.parse(json));
    return new Map(streams.flatMap(({ name, head }) => (head === null ? [] : [[name, head]])));
  } catch {
    throw new ExitError(EXIT.usage, 'that file is no output of postern audit verify --json');
  }
}
