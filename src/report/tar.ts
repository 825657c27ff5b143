/** A regular file of an archive. */
export interface TarEntry {
  /** Path inside the archive, at most 100 bytes. */
  readonly name: string;
  readonly content: Uint8Array;
}

const BLOCK = 512;
const MOST_NAME_BYTES = 100;

/**
 * A tar archive (ustar) of regular files with mode 0600, that belong to nobody in particular.
 * @param changedAt time of all files, seconds since 1970
 * @throws RangeError for a name that is too long
 * @see POSIX.1-2017, pax, "ustar Interchange Format"
 */
export const tar = (entries: readonly TarEntry[], changedAt: number): Buffer =>
  Buffer.concat([
    ...entries.flatMap(({ name, content }) => [
      header(name, content.length, changedAt),
      content,
      Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK),
    ]),
    Buffer.alloc(BLOCK * 2),
  ]);

const header = (name: string, size: number, changedAt: number): Buffer => {
  if (Buffer.byteLength(name) > MOST_NAME_BYTES) throw new RangeError(`the name is too long for an archive: ${name}`);
  const block = Buffer.alloc(BLOCK);
  block.write(name, 0);
  block.write(octal(0o600, 8), 100);
  block.write(octal(0, 8), 108);
  block.write(octal(0, 8), 116);
  block.write(octal(size, 12), 124);
  block.write(octal(Math.max(0, Math.floor(changedAt)), 12), 136);
  block.write(' '.repeat(8), 148);
  block.write('0', 156);
  block.write('ustar\x0000', 257, 'latin1');
  block.write(`${octal(checksum(block), 7)}\0 `, 148, 'latin1');
  return block;
};

const octal = (value: number, width: number): string => value.toString(8).padStart(width - 1, '0');

const checksum = (block: Buffer): number => block.reduce((sum, byte) => sum + byte, 0);
