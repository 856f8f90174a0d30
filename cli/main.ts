/**
 * The `postern` command. Each sub-command is one thin file that exports `command(): Command`; its work is done by
 * the folder it belongs to.
 *
 *   main.ts       the process
 *   run.ts        picks the sub-command, turns errors into messages and exit codes
 *   commands.ts   the table of sub-commands
 *   exit.ts       exit codes, and the error that carries one
 */
import { run } from './run.ts';

process.exitCode = await run(process.argv.slice(2));
