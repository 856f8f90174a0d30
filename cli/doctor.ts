import { Command } from 'commander';
import { examine } from '../server/doctor/doctor.ts';
import type { Finding } from '../server/doctor/finding.ts';
import { EXIT } from './exit.ts';
import { configOf } from './issuer.ts';

/** `postern doctor`: exits with 1 if something fails; warnings alone are no failure. */
export function command(): Command {
  return new Command('doctor')
    .description(
      'check what the configuration speaks of: databases and their service roles, Redis, the spool, clocks',
    )
    .option('--config <file>', 'configuration file (default: $POSTERN_CONFIG, or ./postern.yaml)')
    .option('--json', 'for programs')
    .action(async (options: { config?: string; json?: boolean }) => {
      const findings = await examine(configOf(options.config));
      console.log(options.json ? JSON.stringify({ findings }, null, 2) : findings.map(asText).join('\n'));
      process.exitCode = findings.some(({ level }) => level === 'fail') ? EXIT.failed : EXIT.ok;
    });
}

const asText = ({ about, level, what, remedy }: Finding): string =>
  [`${level.padEnd(4)}  ${about}: ${what}`, ...remedy.map((line) => `        ${line}`)].join('\n');
