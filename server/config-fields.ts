import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { z } from 'zod';
import { parseDuration, parseSize } from './units.ts';

/** Where the values of a configuration may come from besides the file itself. */
export interface ConfigSources {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Relative paths are relative to this directory: the configuration file's. */
  readonly directory: string;
}

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** The kinds of value in a configuration. Messages never quote the value: it may be a secret in the wrong place. */
export function configFields({ env, directory }: ConfigSources) {
  const path = z
    .string()
    .min(1, 'is empty')
    .transform((text) => resolve(directory, text));

  const read = (file: string, context: z.RefinementCtx): string | null => {
    try {
      return readFileSync(resolve(directory, file), 'utf8');
    } catch (error) {
      return refuse(context, `can't read the file it names (${(error as NodeJS.ErrnoException).code})`, null);
    }
  };

  const fromEnvironment = (name: string, context: z.RefinementCtx): string | null =>
    env[name] || refuse(context, `the environment variable ${name} is not set`, null);

  /** A text, or `env:NAME`, or `file:PATH` (without the line's end). */
  const secret = z
    .string()
    .min(1, 'is empty')
    .transform((text, context) => {
      if (text.startsWith('env:')) return fromEnvironment(text.slice(4), context) ?? '';
      if (!text.startsWith('file:')) return text;
      const content = read(text.slice(5), context)?.replace(/\r?\n$/, '');
      return content === '' ? refuse(context, 'the file it names is empty', '') : (content ?? '');
    });

  /** The path of a PEM file, or `env:NAME` for the PEM itself. */
  const pem = z.string().transform((text, context) => {
    const content = text.startsWith('env:')
      ? fromEnvironment(text.slice(4), context)
      : read(text.replace(/^file:/, ''), context);
    if (content === null || content.includes('-----BEGIN ')) return content ?? '';
    return refuse(context, 'is not in PEM form', '');
  });

  return { path, secret, pem };
}

const DURATION_FAULT = 'is not a duration such as 500ms, 30s, 15m, 2h or 1d';
export const duration = z
  .string({ error: DURATION_FAULT })
  .transform((text, context) => parseDuration(text) ?? refuse(context, DURATION_FAULT, 0));

const SIZE_FAULT = 'is not a size such as 64MiB, or a number of bytes';
export const size = z.union([z.int(), z.string()], { error: SIZE_FAULT }).transform((value, context) => {
  const bytes = typeof value === 'number' ? value : parseSize(value);
  return bytes !== null && bytes >= 0 ? bytes : refuse(context, SIZE_FAULT, 0);
});

/** `host:port`; an IPv6 host in brackets. */
export const address = z.string().transform((text, context): Address => {
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:[\]\s]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? plain ?? '';
  const valid = host !== '' && Number(port) <= 65535 && (bracketed === undefined || isIP(bracketed) === 6);
  if (valid) return { host, port: Number(port) };
  return refuse(context, 'is not an address such as 127.0.0.1:6432 or [::1]:6432', { host, port: 0 });
});

/** Only this machine can connect to it. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

/** Adds the fault; the configuration is then refused, and `placeholder` never seen. */
export function refuse<T>(context: z.RefinementCtx, message: string, placeholder: T): T {
  context.addIssue({ code: 'custom', message });
  return placeholder;
}

/** Messages for what the schema library finds; undefined leaves its own, which quote no values either. */
export function describeFault(issue: {
  code?: string | undefined;
  input?: unknown;
  expected?: string;
}): string | undefined {
  if (issue.code === 'invalid_type')
    return issue.input === undefined ? 'is missing' : `is not a ${issue.expected}`;
  return undefined;
}
