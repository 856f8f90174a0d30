import { Command } from 'commander';
import { inventory } from '../access/policy/inventory.ts';
import type { PrincipalKind } from '../access/policy/policy.ts';
import { ConfigError } from '../server/config-document.ts';
import { loadPolicy, type PolicyFile } from '../server/policy/policy-file.ts';
import { runPolicyTests, type TestResult } from '../server/policy/policy-tests.ts';
import { EXIT, ExitError } from './exit.ts';
import { configOf } from './issuer.ts';
import { span, table } from './table.ts';

interface FileOptions {
  readonly config?: string;
  readonly json?: boolean;
}

interface ShowOptions extends FileOptions {
  readonly as: string;
  readonly team: readonly string[];
  readonly role: readonly string[];
  readonly kind: PrincipalKind;
}

const CONFIG = 'configuration file that names the policy (default: $POSTERN_CONFIG, or ./postern.yaml)';

/** `postern policy`: is the file right, and what does it give to whom. */
export function command(): Command {
  return new Command('policy')
    .description('check a policy file, and show what it gives to whom')
    .addCommand(
      new Command('check')
        .description('check a policy file, and run the tests in it; exits with 1 if one fails')
        .argument('[file]', 'the policy (default: the one of the configuration)')
        .option('--config <file>', CONFIG)
        .option('--json', 'for programs')
        .action(check),
    )
    .addCommand(
      new Command('show')
        .description('what somebody may ask for, by which rule, and what comes of it')
        .argument('[file]', 'the policy (default: the one of the configuration)')
        .requiredOption('--as <principal>', 'who asks')
        .option('--team <team>', 'a team of theirs (repeatable)', collect, [])
        .option('--role <role>', 'a role of theirs (repeatable)', collect, [])
        .option('--kind <kind>', 'person, service or agent', 'person')
        .option('--config <file>', CONFIG)
        .option('--json', 'for programs')
        .action(show),
    );
}

function check(file: string | undefined, options: FileOptions): void {
  const found = open(file, options);
  const results = runPolicyTests(found, Date.now());
  const failed = results.filter(({ faults }) => faults.length > 0);
  const { revision, rules } = found.policy;
  if (options.json) console.log(JSON.stringify({ revision, rules: rules.length, tests: results }, null, 2));
  else console.log([...failed.map(asText), summary(found, failed.length)].join('\n'));
  process.exitCode = failed.length > 0 ? EXIT.failed : EXIT.ok;
}

const asText = ({ name, line, faults }: TestResult): string =>
  [`FAIL  ${name} (line ${line})`, ...faults.map((fault) => `        ${fault}`)].join('\n');

const summary = ({ policy, tests }: PolicyFile, failed: number): string =>
  `${failed === 0 ? 'ok' : 'failed'}: revision ${policy.revision}, ${count(policy.rules.length, 'rule')}, ` +
  `${count(tests.length, 'test')}${failed > 0 ? `, ${failed} failed` : ''}`;

const count = (number: number, what: string): string => `${number} ${what}${number === 1 ? '' : 's'}`;

function show(file: string | undefined, options: ShowOptions): void {
  const { policy } = open(file, options);
  const { as: id, kind, team: teams, role: roles } = options;
  const lines = inventory(policy, { id, kind, teams, roles });
  if (options.json) return console.log(JSON.stringify({ revision: policy.revision, rules: lines }, null, 2));
  const rows = lines.map(({ rule, outcome, allow, ttl, only }) => [
    ...[rule, outcome, allow.join(' ')],
    ...[ttl === null ? '' : span(ttl), only.join('; ')],
  ]);
  console.log(table(['RULE', 'OUTCOME', 'AT MOST', 'FOR', 'ONLY IF'], rows));
  console.log('Whatever no rule is about is reviewed.');
}

function open(file: string | undefined, { config }: FileOptions): PolicyFile {
  const path = file ?? configOf(config).policy;
  if (path === null)
    throw new ExitError(EXIT.usage, 'which policy? name a file, or give the configuration a `policy`');
  try {
    return loadPolicy(path);
  } catch (fault) {
    throw fault instanceof ConfigError ? new ExitError(EXIT.usage, fault.message) : fault;
  }
}

const collect = (text: string, before: readonly string[]): readonly string[] => [...before, text];
