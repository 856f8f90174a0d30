import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { createAccess } from '../../access/access.ts';
import { freePort } from '../../server/embedded/free-port.ts';
import { privateDirectory } from '../../server/embedded/own-user.ts';
import { makeCertificates } from '../helpers/certificates.ts';
import { startRedis } from '../helpers/redis.ts';
import { eventually, SIGNING_KEY } from './fixture.ts';

test('Redis over TLS is believed only under the authority that is configured', async (t) => {
  const { ca, cert, key } = makeCertificates();
  const directory = privateDirectory('postern-redis-tls-', null);
  const file = (name: string, text: string): string => {
    writeFileSync(join(directory, name), text);
    return join(directory, name);
  };
  const port = await freePort();
  const redis = await startRedis({
    'tls-port': `${port}`,
    'tls-cert-file': file('cert.pem', cert),
    'tls-key-file': file('key.pem', key),
    'tls-ca-cert-file': file('ca.pem', ca),
    'tls-auth-clients': 'no',
  });
  t.teardown(() => redis.stop());
  const open = (authority?: string) => {
    const warnings: string[] = [];
    const target = { kind: 'single', url: `rediss://localhost:${port}`, ca: authority } as const;
    const handle = createAccess({
      ...{ redis: target, signingKey: SIGNING_KEY, record: () => undefined },
      warn: (message) => void warnings.push(message),
    });
    t.teardown(() => handle.close());
    return { handle, warnings };
  };
  const [trusting, stranger] = [open(ca), open(makeCertificates().ca)];
  await eventually(() => stranger.warnings.some((warning) => /certificate|signature/.test(warning)));
  t.false(await stranger.handle.reachable());
  t.is(await trusting.handle.store.get('nosuchid'), null);
  t.deepEqual(trusting.warnings, []);
});
