/**
 * The byte behind a TOS or DS field as iproute2 prints it: a hexadecimal number, or a name of `rt_dsfield`
 * (`CS6`, `AF11`, `EF`). `null` for a name that is not standard.
 * @see RFC 2474, RFC 2597, RFC 3246, RFC 5865, RFC 8622
 */
export const parseDsfield = (text: string): number | null => {
  if (/^0x[0-9a-f]{1,2}$/i.test(text)) return Number.parseInt(text, 16);
  const selector = /^CS([0-7])$/.exec(text)?.[1];
  if (selector !== undefined) return Number(selector) << 5;
  const assured = /^AF([1-4])([1-3])$/.exec(text);
  if (assured) return (Number(assured[1]) << 5) | (Number(assured[2]) << 3);
  return NAMED.get(text) ?? null;
};

const NAMED = new Map([
  ['default', 0],
  ['LE', 0x04],
  ['VA', 0xb0],
  ['EF', 0xb8],
]);
