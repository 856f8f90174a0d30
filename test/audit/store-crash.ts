/** kill -9 of the proxy and of its shipper, at random: node test/audit/store-crash.ts [--times 50] */
import { parseArgs } from 'node:util';
import { crashRounds } from './crash-rounds.ts';

const { values } = parseArgs({ options: { times: { type: 'string', default: '50' } } });
const report = await crashRounds(Number(values.times), (round) => {
  if (process.stderr.isTTY) process.stderr.write(`\r${round} of ${values.times}`);
});
console.log(JSON.stringify(report, null, 2));
const { missing, repeated, different, whole } = report;
process.exitCode = whole && missing.length + repeated.length + different === 0 ? 0 : 1;
