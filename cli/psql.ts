import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { Command } from 'commander';
import { GRANT_ID } from '../access/token.ts';
import { childEnvironment } from '../server/config.ts';
import { type AskOptions, addAskOptions, askAccess, connectionOf, saysTtl } from './asking.ts';
import { connectionUrl } from './connection.ts';
import { EXIT, ExitError } from './exit.ts';
import { createConnection } from './grant.ts';
import { addGrantOptions, type GrantOptions, termsOf } from './grant-options.ts';
import { configOf } from './issuer.ts';
import { fateOf } from './request-options.ts';

type PsqlOptions = GrantOptions & AskOptions & { readonly config?: string; readonly request?: boolean };

/** `postern psql`: opens psql under a grant, with the token already in place. */
export function command(): Command {
  return addAskOptions(addGrantOptions(new Command('psql')))
    .usage('[grant] [options] [-- options of psql]')
    .argument(
      '[grant...]',
      'a connection URL, a file with what "grant create --json" printed, a file with a grant form, or an id',
    )
    .option('--request', "ask for it as 'postern request' does, wait, and connect")
    .option('--config <file>', 'configuration (default: $POSTERN_CONFIG or ./postern.yaml)')
    .addHelpText(
      'after',
      "\nWithout a grant, the options make one, as in 'grant create', or ask for one (--request). Exits as psql does.",
    )
    .action(open);
}

async function open(operands: readonly string[], options: PsqlOptions, command: Command): Promise<void> {
  const { grant, args } = splitOperands(operands);
  const url = grant === undefined ? await ownUrl(options, saysTtl(command)) : await urlOf(grant, options);
  process.exitCode = await runPsql(url, args);
}

async function ownUrl(options: PsqlOptions, ttlSaid: boolean): Promise<URL> {
  if (!options.request) return await newUrl(options, termsOf(options));
  const config = configOf(options.config);
  const { request, token } = await askAccess(config, { ...options, wait: true }, { ttlSaid });
  const connection = connectionOf(config, request, token);
  if (connection !== null) return parsedUrl(connection.url);
  throw new ExitError(EXIT.denied, `request ${request.id} is ${fateOf(request, Date.now())}`);
}

/** Commander drops the `--`, and with it the difference between our operand and psql's options. */
function splitOperands(operands: readonly string[]): { grant: string | undefined; args: readonly string[] } {
  const dashes = process.argv.indexOf('--');
  const args = dashes < 0 ? [] : process.argv.slice(dashes + 1);
  const [grant, ...rest] = operands.slice(0, operands.length - args.length);
  if (rest.length > 0) throw new ExitError(EXIT.usage, 'options of psql go after --');
  return { grant, args };
}

async function urlOf(grant: string, options: PsqlOptions): Promise<URL> {
  if (/^postgres(ql)?:\/\//.test(grant)) return parsedUrl(grant);
  if (existsSync(grant)) return await urlOfFile(grant, options);
  if (!GRANT_ID.test(grant)) {
    throw new ExitError(EXIT.usage, `"${grant}" is not a file, a connection URL or a grant id`);
  }
  if (options.db === undefined)
    throw new ExitError(EXIT.usage, 'which database is the grant for? give --db NAME');
  return connectionUrl(configOf(options.config), options.db, grant); // psql asks for the token
}

async function urlOfFile(file: string, options: PsqlOptions): Promise<URL> {
  const form = readJson(file);
  if (typeof form.url === 'string') return parsedUrl(form.url);
  const { id: _id, issuedAt: _issuedAt, expiresAt: _expiresAt, ...terms } = form;
  return await newUrl(options, terms);
}

async function newUrl(options: PsqlOptions, form: unknown): Promise<URL> {
  const { url } = await createConnection(configOf(options.config), form, options.ttl);
  return parsedUrl(url);
}

function readJson(file: string): Readonly<Record<string, unknown>> {
  try {
    const form: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (typeof form === 'object' && form !== null) return { ...form };
  } catch {
    // said below; the parser's own message quotes the file, which may hold a token
  }
  throw new ExitError(EXIT.usage, `${file} is not a JSON file with a grant`);
}

function parsedUrl(text: string): URL {
  if (!URL.canParse(text)) throw new ExitError(EXIT.usage, 'the connection URL can not be read');
  return new URL(text);
}

/** The token goes by the environment: everybody on the machine can read a command line. */
function runPsql(url: URL, args: readonly string[]): Promise<number> {
  const password = decodeURIComponent(url.password);
  const target = new URL(url);
  target.password = '';
  const ignore = (): void => {}; // Ctrl-C is psql's: it cancels the statement
  process.on('SIGINT', ignore);
  return new Promise<number>((resolve, reject) => {
    const child = spawn('psql', [...args, target.href], {
      stdio: 'inherit',
      env: childEnvironment(password === '' ? {} : { PGPASSWORD: password }),
    });
    child.on('error', () => {
      reject(
        new ExitError(
          EXIT.failed,
          'psql can not be started; install it, e.g.: apt install postgresql-client',
        ),
      );
    });
    child.on('exit', (code) => resolve(code ?? EXIT.failed));
  }).finally(() => process.off('SIGINT', ignore));
}
