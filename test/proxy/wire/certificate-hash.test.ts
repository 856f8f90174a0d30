import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { certificateHash } from '../../../proxy/wire/certificate-hash.ts';

const directory = mkdtempSync(join(tmpdir(), 'postern-certificates-'));
test.after.always(() => rmSync(directory, { recursive: true }));
let count = 0;

/** A self-signed certificate with this kind of key and signature, and its hash as openssl computes it. */
function certificate(key: readonly string[], digest: string, options: readonly string[] = []) {
  count += 1;
  const file = join(directory, `${count}.crt`);
  const subject = ['-subj', '/CN=localhost', '-noenc', '-keyout', join(directory, 'key'), '-out', file];
  execFileSync('openssl', ['req', '-x509', ...key, `-${digest}`, ...options, ...subject], { stdio: 'pipe' });
  return new X509Certificate(readFileSync(file)).raw;
}

function digestOf(der: Buffer, digest: string): string {
  return execFileSync('openssl', ['dgst', `-${digest}`, '-r'], { input: der })
    .toString()
    .split(' ')[0] as string;
}

const RSA = ['-newkey', 'rsa:2048'];
const EC = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];
const PSS = ['-sigopt', 'rsa_padding_mode:pss'];

const known: readonly (readonly [string, readonly string[], string, readonly string[], string])[] = [
  ['RSA with MD5', RSA, 'md5', [], 'sha256'],
  ['RSA with SHA-1', RSA, 'sha1', [], 'sha256'],
  ['RSA with SHA-224', RSA, 'sha224', [], 'sha224'],
  ['RSA with SHA-256', RSA, 'sha256', [], 'sha256'],
  ['RSA with SHA-384', RSA, 'sha384', [], 'sha384'],
  ['RSA with SHA-512', RSA, 'sha512', [], 'sha512'],
  ['RSASSA-PSS with SHA-1', RSA, 'sha1', PSS, 'sha256'],
  ['RSASSA-PSS with SHA-256', RSA, 'sha256', PSS, 'sha256'],
  ['RSASSA-PSS with SHA-512', RSA, 'sha512', PSS, 'sha512'],
  ['ECDSA with SHA-1', EC, 'sha1', [], 'sha256'],
  ['ECDSA with SHA-256', EC, 'sha256', [], 'sha256'],
  ['ECDSA with SHA-384', EC, 'sha384', [], 'sha384'],
];

for (const [name, key, signature, options, expected] of known) {
  test(`${name} is hashed by ${expected}`, (t) => {
    const der = certificate(key, signature, options);
    t.is(certificateHash(der)?.toString('hex'), digestOf(der, expected));
  });
}

test('Ed25519 has no hash function, so no binding', (t) => {
  t.is(certificateHash(certificate(['-newkey', 'ed25519'], 'sha256')), null);
});

test('what is no certificate has no hash', (t) => {
  const der = certificate(EC, 'sha256');
  for (const bytes of [
    Buffer.alloc(0),
    Buffer.alloc(64, 0xff),
    Buffer.from('3080', 'hex'),
    der.subarray(0, 40),
  ]) {
    t.is(certificateHash(bytes), null);
  }
});
