import { Command, CommanderError } from 'commander';
import packageJson from '../package.json' with { type: 'json' };
import { COMMANDS } from './commands.ts';
import { EXIT, ExitError } from './exit.ts';

/** Runs what the words after `postern` ask for, and gives the exit code. */
export async function run(args: readonly string[]): Promise<number> {
  try {
    const program = await build(args);
    await program.parseAsync(args, { from: 'user' });
    return Number(process.exitCode ?? EXIT.ok);
  } catch (error) {
    return report(error);
  }
}

/** The program with the called sub-command loaded; the others are names and summaries for `--help`. */
async function build(args: readonly string[]): Promise<Command> {
  const program = new Command('postern')
    .description('Just-in-time access to PostgreSQL, with guardrails on every statement')
    .version(packageJson.version, '-V, --version')
    .helpCommand(false)
    .enablePositionalOptions()
    .exitOverride();
  const called = args.find((arg) => !arg.startsWith('-'));
  for (const [name, entry] of Object.entries(COMMANDS)) {
    const command = name === called ? (await entry.load()).command() : new Command(name);
    program.addCommand(throwing(command.name(name).description(command.description() || entry.summary)));
  }
  return program;
}

/** Errors of the command line reach `run`, also those of nested sub-commands. */
function throwing(command: Command): Command {
  for (const nested of command.commands) throwing(nested);
  return command.exitOverride().helpCommand(false);
}

function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage; // has printed its message
  console.error(`postern: ${error instanceof Error ? error.message : String(error)}`);
  if (error instanceof ExitError) return error.exitCode;
  if (process.env.POSTERN_DEBUG) console.error(error);
  return EXIT.failed;
}
