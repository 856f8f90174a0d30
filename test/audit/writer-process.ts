/** Appends statements as fast as it can and prints, one a line, what each commit returned and the number so far. */
import { writeSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import { Spool } from '../../audit/spool.ts';
import { options, statement, statementEnd } from './support.ts';

const [directory = '', from = '1', pauseMs = '0'] = process.argv.slice(2);
const spool = Spool.open(options(directory, { segmentBytes: 200_000 }));
for (let number = Number(from); ; number += 1) {
  spool.append(statement(number, `SELECT ${number}, '${'x'.repeat(number % 700)}'`));
  const kept = await spool.commit();
  writeSync(1, `${kept ? 'kept' : 'lost'} ${number}\n`);
  spool.append(statementEnd(number));
  if (pauseMs === '0') await turn();
  else await new Promise((resolve) => setTimeout(resolve, Number(pauseMs)));
}
