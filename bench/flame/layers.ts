/** What a sample is counted to, and how its frames are called. */
import { join } from 'node:path';
import type { Frame, Stack } from './perf-stacks.ts';

const ROOT = join(import.meta.dirname, '../..');

export const LAYERS = [
  'kernel: sending to sockets',
  'kernel: waking who waits for it',
  'kernel: receiving',
  'kernel: waiting for events',
  'kernel: writing files',
  'kernel: giving way to others',
  'kernel: other',
  'libuv and libc',
  'Node.js, C++',
  'Node.js, JavaScript',
  'V8: built-ins, calls, objects',
  'V8: garbage collection',
  'proxy/wire',
  'proxy',
  'guardrails',
  'audit',
  'access',
  'server',
  'hashing (OpenSSL)',
  'other code',
] as const;
export type Layer = (typeof LAYERS)[number];

/** In this order, by the frames of the kernel: what it does for whom. */
const KERNEL: readonly (readonly [RegExp, Layer])[] = [
  [/^(schedule$|finish_task_switch)/, 'kernel: giving way to others'],
  [/^(sock_def_readable|ep_poll_callback|try_to_wake_up|__wake_up)/, 'kernel: waking who waits for it'],
  [/^(ext4_|xfs_|btrfs_|shmem_|generic_perform_write)/, 'kernel: writing files'],
  [/^(tcp_sendmsg|sock_write_iter|__sys_sendto|sock_sendmsg|sock_alloc_send)/, 'kernel: sending to sockets'],
  [/^(tcp_recvmsg|sock_read_iter|__sys_recvfrom|sock_recvmsg|inet_recvmsg)/, 'kernel: receiving'],
  [/(^|_)(epoll|ep_poll|ep_send)/, 'kernel: waiting for events'],
];
const HASHING = /^(sha256_|evp_|EVP_|ossl_|CRYPTO_|OPENSSL_|nbytes::HexEncode)/;

const GARBAGE = /Scaveng|MarkCompact|Heap::CollectGarbage|Sweep|MinorGC/;
const ENGINE = /^(v8::|Builtins_|BytecodeHandler|void v8::|\(anonymous namespace\)::v8)/;
const OURS = ['proxy/wire', 'proxy', 'guardrails', 'audit', 'access', 'server'] as const;

/** By its innermost frame, and for the kernel by what it was asked for. */
export function layerOf(stack: Stack): Layer {
  const last = stack.at(-1) as Frame;
  if (isKernel(last)) {
    const found = KERNEL.find(([pattern]) =>
      stack.some((frame) => isKernel(frame) && pattern.test(frame.symbol)),
    );
    return found?.[1] ?? 'kernel: other';
  }
  if (stack.some(({ symbol }) => GARBAGE.test(symbol))) return 'V8: garbage collection';
  const code = codeOf(last.symbol);
  if (code !== null)
    return code.file.startsWith('node:')
      ? 'Node.js, JavaScript'
      : (OURS.find((folder) => code.file.startsWith(`${folder}/`)) ?? 'other code');
  if (HASHING.test(last.symbol)) return 'hashing (OpenSSL)';
  if (ENGINE.test(last.symbol)) return 'V8: built-ins, calls, objects';
  if (/^(non-virtual thunk to )?node::/.test(last.symbol)) return 'Node.js, C++';
  return /^uv_|libc|libevent|vdso/.test(last.symbol + last.object) ? 'libuv and libc' : 'other code';
}

export const CALLERS = [...OURS, 'Node.js and the kernel by themselves'] as const;
export type Caller = (typeof CALLERS)[number];

/** Whose code it is that the sample ran for: the innermost of ours, and what it calls counts to it. */
export function callerOf(stack: Stack): Caller {
  for (const { symbol } of stack.toReversed()) {
    const file = codeOf(symbol)?.file;
    const folder = file === undefined ? undefined : OURS.find((each) => file.startsWith(`${each}/`));
    if (folder !== undefined) return folder;
  }
  return 'Node.js and the kernel by themselves';
}

/** `handle (proxy/gate.ts)` for JavaScript, without arguments for C++. */
export function nameOf({ symbol }: Frame): string {
  const code = codeOf(symbol);
  if (code !== null) return `${code.name || 'anonymous'} (${code.file})`;
  return symbol.replace(/^non-virtual thunk to /, '').replace(/(?<=\w)\(.*$/, '');
}

export const isKernel = ({ object }: Frame): boolean => object.startsWith('[kernel');

/** V8's map has `JS:` (or nothing), marks for the tier, the name and the place. */
function codeOf(symbol: string): { readonly name: string; readonly file: string } | null {
  const found = /^JS:[~^*+']*\s*(.*?)\s*((?:file:\/\/|node:|\/)\S+?)(?::\d+)*$/.exec(symbol);
  if (found === null) return null;
  const [, name = '', place = ''] = found;
  return { name, file: place.replace('file://', '').replace(`${ROOT}/`, '') };
}
