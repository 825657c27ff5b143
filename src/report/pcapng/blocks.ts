/** Blocks of a pcapng file, little-endian. @see https://www.ietf.org/archive/id/draft-ietf-opsawg-pcapng-02.html */
export interface Option {
  readonly code: number;
  readonly value: Buffer;
}

const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
const LENGTH_UNKNOWN = 0xffffffffffffffffn;
/** An option's length is 16 bits. */
const MOST_OPTION_BYTES = 65_535;

const COMMENT = 1;

const padded = (bytes: Buffer): Buffer => Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);

const u16 = (...values: readonly number[]): Buffer => {
  const bytes = Buffer.alloc(values.length * 2);
  values.forEach((value, index) => {
    bytes.writeUInt16LE(value, index * 2);
  });
  return bytes;
};

const u32 = (...values: readonly number[]): Buffer => {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, index) => {
    bytes.writeUInt32LE(value >>> 0, index * 4);
  });
  return bytes;
};

const u64 = (value: bigint): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return bytes;
};

/** A time in nanoseconds since 1970 as the format wants it: the upper half first. */
const timestamp = (ns: bigint): Buffer => u32(Number(ns >> 32n), Number(ns & 0xffffffffn));

/** Text as an option; cut at what an option can hold, between two characters. */
export const textOption = (code: number, text: string): Option => {
  let bytes = Buffer.from(text, 'utf8');
  if (bytes.length > MOST_OPTION_BYTES) {
    bytes = bytes.subarray(0, MOST_OPTION_BYTES);
    const whole = bytes.toString('utf8').replace(/\ufffd+$/, '');
    bytes = Buffer.from(whole, 'utf8');
  }
  return { code, value: bytes };
};

export const comment = (text: string): Option => textOption(COMMENT, text);

const options = (list: readonly Option[]): Buffer =>
  list.length === 0
    ? Buffer.alloc(0)
    : Buffer.concat([
        ...list.map(({ code, value }) => Buffer.concat([u16(code, value.length), padded(value)])),
        u32(0),
      ]);

const block = (type: number, body: Buffer): Buffer => {
  const length = u32(body.length + 12);
  return Buffer.concat([u32(type), length, body, length]);
};

export const sectionHeader = (list: readonly Option[]): Buffer =>
  block(0x0a0d0d0a, Buffer.concat([u32(BYTE_ORDER_MAGIC), u16(1, 0), u64(LENGTH_UNKNOWN), options(list)]));

export const interfaceDescription = (linkType: number, snapLength: number, list: readonly Option[]): Buffer =>
  block(1, Buffer.concat([u16(linkType, 0), u32(snapLength), options(list)]));

/** @param ns nanoseconds since 1970; the interface needs `if_tsresol` 9 */
export const enhancedPacket = (
  interfaceId: number,
  ns: bigint,
  data: Buffer,
  length: number,
  list: readonly Option[],
): Buffer =>
  block(6, Buffer.concat([u32(interfaceId), timestamp(ns), u32(data.length, length), padded(data), options(list)]));

export const interfaceStatistics = (
  interfaceId: number,
  ns: bigint,
  counts: { readonly accepted: number; readonly dropped: number | null },
): Buffer =>
  block(
    5,
    Buffer.concat([
      u32(interfaceId),
      timestamp(ns),
      options([
        { code: 6, value: u64(BigInt(counts.accepted)) },
        ...(counts.dropped === null ? [] : [{ code: 7, value: u64(BigInt(counts.dropped)) }]),
        { code: 8, value: u64(BigInt(counts.accepted)) },
      ]),
    ]),
  );

/** Names of IPv4 addresses. */
export const nameResolution = (
  names: readonly { readonly address: readonly number[]; readonly name: string }[],
): Buffer =>
  block(
    4,
    Buffer.concat([
      ...names.map(({ address, name }) => {
        const value = Buffer.concat([Buffer.from(address), Buffer.from(`${name}\0`, 'utf8')]);
        return Buffer.concat([u16(1, value.length), padded(value)]);
      }),
      u32(0),
    ]),
  );
