import type { z } from 'zod';

/** Reads the lines of JSON that a stand-alone probe prints; lines that are none are left out. */
export const parseLines = <T>(schema: z.ZodType<T>, stdout: string): T[] =>
  stdout.split('\n').flatMap((line) => {
    const parsed = schema.safeParse(parseJson(line));
    return parsed.success ? [parsed.data] : [];
  });

const parseJson = (line: string): unknown => {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
};

/** What a stand-alone probe that printed no line complained about last. */
export const lastLine = (stderr: string): string =>
  stderr.trim().split('\n').at(-1) || 'the probe ended without a message';

/** As strerror(3) of glibc has them, and so ping. */
const ERRORS: Readonly<Record<string, string>> = {
  EACCES: 'Permission denied',
  EADDRINUSE: 'Address already in use',
  EADDRNOTAVAIL: 'Cannot assign requested address',
  ECONNREFUSED: 'Connection refused',
  ECONNRESET: 'Connection reset by peer',
  EHOSTUNREACH: 'No route to host',
  EINVAL: 'Invalid argument',
  EMSGSIZE: 'Message too long',
  ENETUNREACH: 'Network is unreachable',
  ENOBUFS: 'No buffer space available',
  EPERM: 'Operation not permitted',
  ETIMEDOUT: 'Connection timed out',
};

/** The words for the name of an error number; the name itself where there are none. */
export const errorText = (code: string): string => (Object.hasOwn(ERRORS, code) ? (ERRORS[code] ?? code) : code);
