import { createHash } from 'node:crypto';

/**
 * Channel binding data of type tls-server-end-point (RFC 5929 section 4.1): the hash of the server's certificate (DER)
 * by the hash function of the certificate's own signature, with SHA-256 in place of MD5 and SHA-1. `null` where the
 * signature has no such function (Ed25519, Ed448) or is unknown: the connection then has no binding.
 */
export function certificateHash(certificate: Uint8Array): Buffer | null {
  const hash = signatureHash(Buffer.from(certificate));
  return hash === null ? null : createHash(hash).update(certificate).digest();
}

/** Signature algorithms, and the hash algorithms that RSASSA-PSS names in its parameters, by OID as hex of its DER content. */
const HASH_BY_OID: ReadonlyMap<string, string> = new Map([
  ['2a864886f70d010104', 'sha256'], // md5WithRSAEncryption
  ['2a864886f70d010105', 'sha256'], // sha1WithRSAEncryption
  ['2a864886f70d01010e', 'sha224'], // sha224WithRSAEncryption
  ['2a864886f70d01010b', 'sha256'], // sha256WithRSAEncryption
  ['2a864886f70d01010c', 'sha384'], // sha384WithRSAEncryption
  ['2a864886f70d01010d', 'sha512'], // sha512WithRSAEncryption
  ['2a8648ce3d0401', 'sha256'], // ecdsa-with-SHA1
  ['2a8648ce3d040301', 'sha224'], // ecdsa-with-SHA224
  ['2a8648ce3d040302', 'sha256'], // ecdsa-with-SHA256
  ['2a8648ce3d040303', 'sha384'], // ecdsa-with-SHA384
  ['2a8648ce3d040304', 'sha512'], // ecdsa-with-SHA512
  ['2b0e03021a', 'sha256'], // sha1
  ['608648016503040204', 'sha224'],
  ['608648016503040201', 'sha256'],
  ['608648016503040202', 'sha384'],
  ['608648016503040203', 'sha512'],
]);
const RSASSA_PSS = '2a864886f70d01010a';

const OBJECT_IDENTIFIER = 0x06;
const SEQUENCE = 0x30;
const CONTEXT_0 = 0xa0;

/** Certificate ::= SEQUENCE { tbsCertificate SEQUENCE, signatureAlgorithm AlgorithmIdentifier, signature } (RFC 5280). */
function signatureHash(der: Buffer): string | null {
  const [tbs, algorithm] = children(element(der, SEQUENCE)?.content);
  if (tbs === undefined || algorithm === undefined) return null;
  const [oid, parameters] = children(algorithm.content);
  if (oid?.tag !== OBJECT_IDENTIFIER) return null;
  const name = oid.content.toString('hex');
  return name === RSASSA_PSS ? pssHash(parameters) : (HASH_BY_OID.get(name) ?? null);
}

/** RSASSA-PSS-params ::= SEQUENCE { [0] hashAlgorithm AlgorithmIdentifier DEFAULT sha1, ... } (RFC 8017 appendix A.2.3). */
function pssHash(parameters: Element | undefined): string | null {
  const [first] = children(parameters?.content);
  if (first?.tag !== CONTEXT_0) return 'sha256';
  const [oid] = children(element(first.content, SEQUENCE)?.content);
  return oid === undefined ? null : (HASH_BY_OID.get(oid.content.toString('hex')) ?? null);
}

interface Element {
  readonly tag: number;
  readonly content: Buffer;
}

function element(der: Buffer, tag: number): Element | undefined {
  return children(der).find((child) => child.tag === tag);
}

/** The DER elements that follow one another in `content`; what is cut short is left out. */
function children(content: Buffer = Buffer.alloc(0)): readonly Element[] {
  const elements: Element[] = [];
  for (let offset = 0; offset + 2 <= content.length; ) {
    const tag = content[offset] as number;
    const short = content[offset + 1] as number;
    const lengthBytes = short < 0x80 ? 0 : short & 0x7f;
    const start = offset + 2 + lengthBytes;
    if (lengthBytes > 4 || start > content.length) break;
    const length = lengthBytes === 0 ? short : content.readUIntBE(offset + 2, lengthBytes);
    if (start + length > content.length) break;
    elements.push({ tag, content: content.subarray(start, start + length) });
    offset = start + length;
  }
  return elements;
}
