import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import test from 'ava';
import { COMMANDS } from '../../cli/commands.ts';
import packageJson from '../../package.json' with { type: 'json' };
import { TOUR } from '../../server/demo/tour.ts';

const documents = globSync('**/*.md', { exclude: (name) => name === 'node_modules' });
const readme = readFileSync('README.md', 'utf8');

test('every link to a file leads to one', (t) => {
  t.true(documents.includes('README.md'));
  const links = documents.flatMap((document) =>
    [...readFileSync(document, 'utf8').matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)].map(([, link]) => ({
      document,
      link: link as string,
    })),
  );
  t.deepEqual(
    links.filter(({ document, link }) => !existsSync(join(dirname(document), link))),
    [],
  );
});

test('the README names every sub-command, and no other', (t) => {
  const named = [...readme.matchAll(/^\| `postern (\w+)/gm)].map(([, name]) => name as string);
  t.deepEqual(named.sort(), Object.keys(COMMANDS).sort());
});

test('the README names the npm scripts that there are', (t) => {
  const named = [...readme.matchAll(/npm (?:run )?(start|test|bench|run \w+)/g)].map(([, name]) =>
    (name as string).replace('run ', ''),
  );
  t.true(named.includes('start') && named.includes('test'));
  for (const name of named) t.true(Object.hasOwn(packageJson.scripts, name), name);
});

test('the README shows the statements that the demo suggests', (t) => {
  const [, refused, cut] = TOUR;
  for (const step of [refused, cut]) t.true(readme.includes(`shop=> ${step?.sql}`));
});

test('every decision is in the index', (t) => {
  const index = readFileSync('docs/decisions/README.md', 'utf8');
  for (const record of globSync('docs/decisions/0*.md')) {
    t.true(index.includes(`(${record.slice('docs/decisions/'.length)})`), record);
    t.regex(readFileSync(record, 'utf8'), /^# \d{4}: .+\n\n\*\*State:\*\* (accepted|superseded)/);
  }
});
