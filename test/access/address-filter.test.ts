import test from 'ava';
import { AddressFilter, networkFault } from '../../access/address-filter.ts';

const admitted: readonly (readonly [string, string, boolean])[] = [
  ['127.0.0.0/8', '127.9.9.9', true],
  ['127.0.0.0/8', '128.0.0.1', false],
  ['10.1.2.3', '10.1.2.3', true],
  ['10.1.2.3', '10.1.2.4', false],
  ['10.0.0.0/8', '::ffff:10.1.2.3', true],
  ['10.0.0.0/8', '::FFFF:10.1.2.3', true],
  ['10.0.0.0/8', '::ffff:11.1.2.3', false],
  ['0.0.0.0/0', '203.0.113.9', true],
  ['0.0.0.0/0', '2001:db8::1', false],
  ['::/0', '2001:db8::1', true],
  ['::1', '::1', true],
  ['::1', '127.0.0.1', false],
  ['2001:db8::/32', '2001:db8:ffff::1', true],
  ['2001:db8::/32', '2001:db9::1', false],
  ['fe80::/10', 'fe80::1%eth0', true],
  ['0.0.0.0/0', '', false],
  ['0.0.0.0/0', 'localhost', false],
  ['0.0.0.0/0', '1.2.3', false],
];
for (const [network, client, expected] of admitted) {
  test(`${network} ${expected ? 'admits' : 'keeps out'} "${client}"`, (t) => {
    t.is(new AddressFilter([network]).admits(client), expected);
  });
}

test('an IPv4 client that is seen as IPv6 does not pass as an IPv6 client', (t) => {
  t.false(new AddressFilter(['::/0']).admits('::ffff:10.1.2.3'));
});

const faulty = [
  '',
  'home',
  '10.0.0.0/33',
  '10.0.0.0/',
  '10.0.0.0/-1',
  '10.0.0.0/8/8',
  '::/129',
  '::ffff:10.0.0.0/104',
];
for (const network of [...faulty, '10.0.0', 'fe80::1%eth0/64', '10.0.0.0/8 ']) {
  test(`"${network}" is no network`, (t) => {
    t.is(typeof networkFault(network), 'string');
    t.throws(() => new AddressFilter([network]), { instanceOf: TypeError });
  });
}
