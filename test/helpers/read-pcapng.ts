/** What a pcapng file says, read by a second hand: only what the tests look at. */
export interface PcapngFile {
  readonly comment: string;
  readonly interfaces: readonly { readonly name: string; readonly linkType: number; readonly snapLength: number }[];
  readonly packets: readonly {
    readonly interfaceId: number;
    readonly ns: bigint;
    readonly data: Buffer;
    readonly length: number;
    readonly comments: readonly string[];
  }[];
  readonly statistics: readonly { readonly interfaceId: number; readonly dropped: bigint | null }[];
  readonly names: readonly (readonly [string, string])[];
}

interface Block {
  readonly type: number;
  readonly body: Buffer;
}

/** @throws Error where lengths do not agree */
const blocksOf = (bytes: Buffer): readonly Block[] => {
  const blocks: Block[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = bytes.readUInt32LE(at + 4);
    if (length % 4 !== 0 || bytes.readUInt32LE(at + length - 4) !== length)
      throw new Error(`block lengths differ at ${at}`);
    blocks.push({ type: bytes.readUInt32LE(at), body: bytes.subarray(at + 8, at + length - 4) });
    at += length;
  }
  return blocks;
};

const optionsOf = (bytes: Buffer): readonly { readonly code: number; readonly value: Buffer }[] => {
  const options: { code: number; value: Buffer }[] = [];
  for (let at = 0; at + 4 <= bytes.length; ) {
    const [code, length] = [bytes.readUInt16LE(at), bytes.readUInt16LE(at + 2)];
    if (code === 0) break;
    options.push({ code, value: bytes.subarray(at + 4, at + 4 + length) });
    at += 4 + Math.ceil(length / 4) * 4;
  }
  return options;
};

const texts = (bytes: Buffer, code: number): readonly string[] =>
  optionsOf(bytes)
    .filter((option) => option.code === code)
    .map((option) => option.value.toString('utf8'));

const time = (body: Buffer, at: number): bigint =>
  (BigInt(body.readUInt32LE(at)) << 32n) | BigInt(body.readUInt32LE(at + 4));

export const readPcapng = (bytes: Buffer): PcapngFile => {
  const blocks = blocksOf(bytes);
  const of = (type: number) => blocks.filter((block) => block.type === type).map((block) => block.body);
  return {
    comment: texts((of(0x0a0d0d0a)[0] ?? Buffer.alloc(16)).subarray(16), 1)[0] ?? '',
    interfaces: of(1).map((body) => ({
      name: texts(body.subarray(8), 2)[0] ?? '',
      linkType: body.readUInt16LE(0),
      snapLength: body.readUInt32LE(4),
    })),
    packets: of(6).map((body) => {
      const captured = body.readUInt32LE(12);
      return {
        interfaceId: body.readUInt32LE(0),
        ns: time(body, 4),
        data: body.subarray(20, 20 + captured),
        length: body.readUInt32LE(16),
        comments: texts(body.subarray(20 + Math.ceil(captured / 4) * 4), 1),
      };
    }),
    statistics: of(5).map((body) => ({
      interfaceId: body.readUInt32LE(0),
      dropped:
        optionsOf(body.subarray(12))
          .find((option) => option.code === 7)
          ?.value.readBigUInt64LE() ?? null,
    })),
    names: of(4).flatMap((body) =>
      optionsOf(body).map(
        ({ value }) => [value.subarray(0, 4).join('.'), value.subarray(4, -1).toString('utf8')] as const,
      ),
    ),
  };
};
