import test from 'ava';
import fc from 'fast-check';
import pg from 'pg';
import { ProtocolError } from '../../../proxy/wire/protocol-error.ts';
import { parseOptions } from '../../../proxy/wire/startup-options.ts';
import { startPostgres } from '../../helpers/postgres.ts';

const postgres = await startPostgres();
test.after.always(() => postgres.stop());

/** The settings that PostgreSQL itself reads out of `options`; null if it refuses them. */
async function settingsOf(options: string): Promise<ReadonlyMap<string, string> | null> {
  const { host, port, user, password } = postgres;
  const client = new pg.Client({ host, port, user, password, database: 'postgres', options });
  client.on('error', () => {});
  try {
    await client.connect();
    const { rows } = await client.query<{ name: string; setting: string }>(
      "SELECT name, setting FROM pg_settings WHERE source = 'client' AND name <> 'client_encoding'",
    );
    return new Map(rows.map(({ name, setting }) => [name, setting]));
  } catch (error) {
    if (error instanceof pg.DatabaseError) return null;
    throw error;
  } finally {
    await client.end();
  }
}

const name = fc.constantFrom(
  'geqo=off',
  'work_mem=1MB',
  'work-mem=2048',
  'application_name=a',
  'application_name=',
);
const flag = fc.constantFrom('-c ', '-c', '--', ' -c ', '\t--', '-c\n', '-c --');
const noise = fc.constantFrom(
  ' ',
  '\\ ',
  '\\',
  '\\\\',
  '\t',
  '\v',
  '=',
  'x',
  "'",
  '"',
  '-',
  ' -e',
  ' -O',
  ' -c',
);
const piece = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(fc.constant(' '), flag, name).map((parts) => parts.join('')) },
  { weight: 1, arbitrary: fc.oneof(flag, name) },
  { weight: 2, arbitrary: noise },
);

test('what is read from "options" is what PostgreSQL reads', async (t) => {
  let compared = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { minLength: 1, maxLength: 5 }), async (pieces) => {
      const text = pieces.join('');
      const theirs = await settingsOf(text);
      // Refusing more than PostgreSQL is safe; so is to let pass what it refuses itself.
      if (theirs === null) return;
      try {
        const ours = new Map(parseOptions(text).map(({ name, value }) => [name, normal(name, value)]));
        t.deepEqual([...ours].sort(), [...theirs].sort(), JSON.stringify(text));
        compared += 1;
      } catch (error) {
        if (!(error instanceof ProtocolError)) throw error;
      }
    }),
    { numRuns: 400 },
  );
  t.true(compared > 50, `${compared} were accepted by both`);
});

/** As pg_settings shows it: sizes in kB, without the blanks around them. */
function normal(name: string, value: string): string {
  return name === 'work_mem' ? value.trim().replace('1MB', '1024') : value;
}
