import { closeSync, openSync, readSync } from 'node:fs';

/** `node:crypto` would take some 4 ms of every trace to be loaded and to seed its own generator. @see random(4) */
const randomBytes = (count: number): Buffer => {
  const file = openSync('/dev/urandom', 'r');
  try {
    const bytes = Buffer.alloc(count);
    readSync(file, bytes);
    return bytes;
  } finally {
    closeSync(file);
  }
};

/** So many random bytes from the kernel, in hex; at most 256, which the kernel gives whole. */
export const randomHex = (bytes: number): string => randomBytes(bytes).toString('hex');

/** A random whole number from 0 up to, but not including, a limit of at most 65,536. Its bias is below 1 in 65,536. */
export const randomBelow = (limit: number): number => randomBytes(4).readUInt32BE() % limit;
