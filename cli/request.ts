import { Command } from 'commander';
import type { AccessRequest } from '../access/requests/access-request.ts';
import { type AskOptions, addAskOptions, askAccess, connectionOf, saysTtl } from './asking.ts';
import type { Connection } from './connection.ts';
import { EXIT, ExitError } from './exit.ts';
import { extendCommand } from './extend.ts';
import { addTermOptions } from './grant-options.ts';
import { configOf } from './issuer.ts';
import { addCommonOptions, type CommonOptions, collect, fateOf } from './request-options.ts';
import { fields } from './table.ts';

/** `postern request`: exits with 3 if it is denied. */
export function command(): Command {
  return addCommonOptions(addAskOptions(addTermOptions(new Command('request'))))
    .description(
      'ask for access: granted at once if the policy says so, else after review. Without --allow, what the reason needs',
    )
    .option('--team <team>', 'a team of theirs (repeatable)', collect, [])
    .enablePositionalOptions()
    .addCommand(extendCommand())
    .action(request);
}

async function request(options: AskOptions & CommonOptions, command: Command): Promise<void> {
  const config = configOf(options.config);
  const { request: asked, token } = await askAccess(config, options, { ttlSaid: saysTtl(command) });
  const { id, state } = asked;
  const connection = connectionOf(config, asked, token);
  if (connection === null && state.kind !== 'pending')
    throw new ExitError(EXIT.denied, `request ${id} is ${fateOf(asked, Date.now())}`);
  if (options.json)
    console.log(JSON.stringify({ request: id, ...(connection ?? { state: state.kind, password: token }) }));
  else console.log(inWords(asked, connection, token));
}

function inWords(asked: AccessRequest, connection: Connection | null, token: string): string {
  const { id, notes, rule } = asked;
  return fields([
    ['request', `${id}, ${fateOf(asked, Date.now())}`],
    ['rule', rule ?? 'none'],
    ['notes', notes.join('; ')],
    ['until', connection?.expiresAt ?? ''],
    [
      'token',
      `${token} (shown only now${connection === null ? '; it works once the request is approved' : ''})`,
    ],
    ['connect', connection === null ? '' : `psql '${connection.url}'`],
  ]);
}
