import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** PEM texts. */
export interface Certificates {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** A CA of its own and one leaf: for `localhost` and 127.0.0.1, or (`commonName`) for a client of that name. Valid for a day. */
export function makeCertificates(commonName = 'localhost'): Certificates {
  return makeAuthority().issue(commonName);
}

/** A CA that can issue several leaves (server and client). */
export function makeAuthority(): { readonly ca: string; issue(commonName: string): Certificates } {
  const { key: caKey, cert: ca } = openssl((path) => [
    ...['req', '-x509', '-subj', '/CN=Test CA', '-days', '1', '-addext', 'keyUsage=critical,keyCertSign'],
    ...newKey(path),
  ]);
  return {
    ca,
    issue(commonName) {
      const leaf = openssl(
        (path) => [
          ...[
            'req',
            '-x509',
            '-subj',
            `/CN=${commonName}`,
            '-days',
            '1',
            '-CA',
            path('ca.crt'),
            '-CAkey',
            path('ca.key'),
          ],
          ...[
            '-addext',
            `subjectAltName=DNS:${commonName},IP:127.0.0.1`,
            '-addext',
            'basicConstraints=critical,CA:FALSE',
          ],
          ...newKey(path),
        ],
        { 'ca.crt': ca, 'ca.key': caKey },
      );
      return { ca, ...leaf };
    },
  };
}

type Path = (name: string) => string;

function newKey(path: Path): readonly string[] {
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-noenc'];
  return [...key, '-keyout', path('new.key'), '-out', path('new.crt')];
}

function openssl(args: (path: Path) => readonly string[], files: Readonly<Record<string, string>> = {}) {
  const directory = mkdtempSync(join(tmpdir(), 'postern-tls-'));
  const path: Path = (name) => join(directory, name);
  try {
    for (const [name, text] of Object.entries(files)) writeFileSync(path(name), text, { mode: 0o600 });
    execFileSync('openssl', args(path), { stdio: ['ignore', 'ignore', 'pipe'] });
    return { key: readFileSync(path('new.key'), 'utf8'), cert: readFileSync(path('new.crt'), 'utf8') };
  } finally {
    rmSync(directory, { recursive: true });
  }
}
