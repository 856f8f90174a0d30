import { ProtocolError } from './protocol-error.ts';

export interface StartupOption {
  readonly name: string;
  readonly value: string;
}

/**
 * The startup parameter `options` as PostgreSQL reads it: words split at white space, a backslash taking the next
 * character literally (pg_split_opts), then `-c name=value` or `--name=value`, dashes in the name meaning underscores
 * (ParseLongOption). Any other server switch is refused, and so is what PostgreSQL's getopt would not take.
 * @throws ProtocolError 42601
 */
export function parseOptions(options: string): readonly StartupOption[] {
  const words = splitWords(options);
  const settings: StartupOption[] = [];
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] as string;
    if (word === '-c') {
      index += 1;
      settings.push(readAssignment(words[index], word));
    } else if (word.startsWith('-c') || word.startsWith('--')) {
      settings.push(readAssignment(word.slice(2), word));
    } else {
      throw invalid(word);
    }
  }
  return settings;
}

function readAssignment(assignment: string | undefined, word: string): StartupOption {
  const equals = assignment?.indexOf('=') ?? -1;
  if (assignment === undefined || equals < 1) throw invalid(word);
  return { name: assignment.slice(0, equals).replaceAll('-', '_'), value: assignment.slice(equals + 1) };
}

/** White space is that of isspace() in the C locale; a backslash at the very end stands for nothing. */
function splitWords(options: string): readonly string[] {
  const words: string[] = [];
  for (const [match] of options.matchAll(/(?:\\[\s\S]|[^\\ \t\n\v\f\r])+/g)) {
    words.push(match.replace(/\\([\s\S])/g, '$1'));
  }
  return words;
}

function invalid(word: string): ProtocolError {
  return new ProtocolError(
    `invalid command-line argument for server process: ${word}`,
    '42601',
    'Only -c name=value and --name=value are accepted in "options".',
  );
}
