/** One record of a capture file. */
export interface Frame {
  /** Nanoseconds since the Unix epoch. */
  readonly epochNs: bigint;
  /** Length on the wire. */
  readonly length: number;
  readonly bytes: Buffer;
}

/** What the file header says. */
export interface PcapHeader {
  readonly linkType: number;
  readonly snapLength: number;
}

/** The stream is no classic pcap, or broke in the middle. */
export class PcapError extends Error {
  override readonly name = 'PcapError';
}

const HEADER_BYTES = 24;
const RECORD_HEADER_BYTES = 16;
/** tcpdump's own upper bound (MAXIMUM_SNAPLEN in libpcap). */
const MAX_RECORD_BYTES = 262_144;
const NANOSECONDS = 1n;
const MICROSECONDS = 1000n;

interface Format extends PcapHeader {
  readonly littleEndian: boolean;
  readonly fractionNs: bigint;
}

/**
 * Reads classic pcap, in either byte order, with microsecond or nanosecond times, from chunks of any size.
 * @see https://www.ietf.org/archive/id/draft-ietf-opsawg-pcap-04.html
 */
export class PcapStream {
  #pending: Buffer = Buffer.alloc(0);
  #format: Format | null = null;

  /** `null` until the file header has arrived. */
  get header(): PcapHeader | null {
    return this.#format;
  }

  /** Bytes of an unfinished header or record. */
  get pendingBytes(): number {
    return this.#pending.length;
  }

  /**
   * Takes the next chunk and gives the records that it completes.
   * @throws {PcapError} when the bytes are no pcap
   */
  push(chunk: Buffer): Frame[] {
    this.#pending = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    if (this.#format === null) {
      if (this.#pending.length < HEADER_BYTES) return [];
      this.#format = readFormat(this.#pending);
      this.#pending = this.#pending.subarray(HEADER_BYTES);
    }
    const frames: Frame[] = [];
    for (;;) {
      const frame = readFrame(this.#pending, this.#format);
      if (frame === null) return frames;
      frames.push(frame);
      this.#pending = this.#pending.subarray(RECORD_HEADER_BYTES + frame.bytes.length);
    }
  }
}

const readFormat = (bytes: Buffer): Format => {
  const magic = readMagic(bytes);
  const read16 = (offset: number) => (magic.littleEndian ? bytes.readUInt16LE(offset) : bytes.readUInt16BE(offset));
  const read32 = (offset: number) => (magic.littleEndian ? bytes.readUInt32LE(offset) : bytes.readUInt32BE(offset));
  if (read16(4) !== 2) throw new PcapError(`pcap version ${read16(4)}.${read16(6)} is not supported`);
  return { ...magic, snapLength: read32(16), linkType: read32(20) & 0xffff };
};

const readMagic = (bytes: Buffer): Pick<Format, 'littleEndian' | 'fractionNs'> => {
  switch (bytes.readUInt32BE(0)) {
    case 0xa1b2c3d4:
      return { littleEndian: false, fractionNs: MICROSECONDS };
    case 0xa1b23c4d:
      return { littleEndian: false, fractionNs: NANOSECONDS };
    case 0xd4c3b2a1:
      return { littleEndian: true, fractionNs: MICROSECONDS };
    case 0x4d3cb2a1:
      return { littleEndian: true, fractionNs: NANOSECONDS };
    default:
      throw new PcapError(`not a pcap stream: it begins with ${bytes.subarray(0, 4).toString('hex')}`);
  }
};

const readFrame = (bytes: Buffer, format: Format): Frame | null => {
  if (bytes.length < RECORD_HEADER_BYTES) return null;
  const read32 = (offset: number) => (format.littleEndian ? bytes.readUInt32LE(offset) : bytes.readUInt32BE(offset));
  const captured = read32(8);
  if (captured > MAX_RECORD_BYTES) throw new PcapError(`a pcap record claims ${captured} bytes`);
  if (bytes.length < RECORD_HEADER_BYTES + captured) return null;
  return {
    epochNs: BigInt(read32(0)) * 1_000_000_000n + BigInt(read32(4)) * format.fractionNs,
    length: read32(12),
    bytes: bytes.subarray(RECORD_HEADER_BYTES, RECORD_HEADER_BYTES + captured),
  };
};
