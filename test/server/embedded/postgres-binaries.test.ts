import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import test from 'ava';
import { postgresBinaries } from '../../../server/embedded/postgres-binaries.ts';

for (const major of [13, 14, 15, 16, 17, 18]) {
  test(`PostgreSQL ${major} is there, and is that version`, (t) => {
    const bin = postgresBinaries(major, null, '');
    const { stdout } = spawnSync(join(bin, 'postgres'), ['--version'], { encoding: 'utf8' });
    t.regex(stdout, new RegExp(`^postgres \\(PostgreSQL\\) ${major}\\.`));
  });
}

test('a version that is nowhere is named', (t) => {
  t.throws(() => postgresBinaries(9, null, ''), {
    message: /^PostgreSQL 9 is neither in an npm package .+ nor/,
  });
});
