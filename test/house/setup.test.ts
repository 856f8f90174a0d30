import { spawnSync } from 'node:child_process';
import test from 'ava';

function setUp(purpose: string, path: string) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/setup.mjs', purpose], {
    encoding: 'utf8',
    env: { ...process.env, PATH: path },
  });
  return { status, stdout, stderr };
}

test('set-up has nothing to do, and says nothing, where everything is there', (t) => {
  t.deepEqual(setUp('test', process.env.PATH ?? ''), { status: 0, stdout: '', stderr: '' });
});

test('set-up says in one line what to install where it cannot do that itself', (t) => {
  t.deepEqual(setUp('start', '/nowhere'), {
    status: 1,
    stdout: '',
    stderr: 'setup: please install redis-server, for example: sudo apt-get install redis-server\n',
  });
});

test('set-up refuses what it does not know', (t) => {
  const { status, stderr } = setUp('nonsense', '/nowhere');
  t.is(status, 1);
  t.regex(stderr, /^setup: unknown purpose nonsense: start, test, bench, build\n$/);
});
