import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { parse } from 'yaml';
import { type Config, DEFAULTS, loadConfig } from '../../server/config.ts';
import { makeCertificates } from '../helpers/certificates.ts';
import { readArrows } from './arrows.ts';

const EXAMPLE = readFileSync('deploy/postern.example.yaml', 'utf8');

function loadExample(): Config {
  const directory = mkdtempSync(join(tmpdir(), 'postern-example-'));
  try {
    const { cert, key } = makeCertificates();
    writeFileSync(join(directory, 'tls.crt'), cert);
    writeFileSync(join(directory, 'tls.key'), key);
    writeFileSync(join(directory, 'postern.yaml'), EXAMPLE.replaceAll('/etc/postern/', `${directory}/`));
    return loadConfig(join(directory, 'postern.yaml'), {
      POSTERN_REDIS: 'redis://:secret@redis:6379/0',
      POSTERN_SIGNING_KEY: 'k'.repeat(32),
      POSTERN_SHOP_PASSWORD: 'secret',
    });
  } finally {
    rmSync(directory, { recursive: true });
  }
}

test('the example configuration is valid', (t) => {
  const config = loadExample();
  t.is(config.databases.shop?.password, 'secret');
  t.is(config.databases.shop?.tls.mode, 'verify-full');
});

test('the example configuration shows the defaults', (t) => {
  const example = parse(EXAMPLE) as Record<string, unknown>;
  const { listen: _listen, signingKey, audit, ...same } = DEFAULTS;
  t.like(example, { ...same, signingKey, audit: { fsync: audit.fsync } });
});

test('the container is given every variable that the example configuration reads', (t) => {
  const compose = readFileSync('deploy/compose.yaml', 'utf8');
  for (const [, name] of EXAMPLE.matchAll(/: env:(\w+)/g)) t.regex(compose, new RegExp(`^ +${name}: `, 'm'));
});

test('the container image has every folder that the proxy imports', (t) => {
  const image = readFileSync('Dockerfile', 'utf8');
  const context = readFileSync('.dockerignore', 'utf8');
  const arrows = readArrows(globSync('{cli,server}/**/*.ts'));
  const own = arrows.filter((arrow) => !arrow.package && arrow.to.includes('/'));
  const folders = new Set(['bin', ...own.map(({ to }) => to.split('/')[0])]);
  t.true(folders.size > 5, 'the imports are found');
  for (const folder of folders) {
    t.regex(image, new RegExp(`^COPY ${folder} \\./${folder}$`, 'm'));
    t.regex(context, new RegExp(`^!${folder}$`, 'm'));
  }
});
