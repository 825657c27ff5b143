import type { IpLayer } from './ip.js';

const ADDRESSES = { 4: { at: 12, bytes: 8 }, 6: { at: 8, bytes: 32 } } as const;
const CHECKSUM_AT = 16;

/**
 * Whether the checksum of a whole TCP segment is neither right nor the sum of the pseudo-header alone, which the kernel leaves
 * there for the device to finish: that is normal on the sender.
 * @param ip where the IP header begins
 * @see RFC 9293 §3.1; CHECKSUM_PARTIAL in include/linux/skbuff.h
 */
export const isWrongChecksum = (bytes: Buffer, ip: number, { header, offset, end, wholeEnd }: IpLayer): boolean => {
  if (end !== wholeEnd || header.moreFragments) return false;
  const { at, bytes: length } = ADDRESSES[header.family];
  const pseudo = fold(sum(bytes.subarray(ip + at, ip + at + length)) + header.protocol + (end - offset));
  const written = bytes.readUInt16BE(offset + CHECKSUM_AT);
  return written !== pseudo && fold(pseudo + sum(bytes.subarray(offset, end))) !== 0xffff;
};

const sum = (bytes: Buffer): number => {
  let total = 0;
  for (let at = 0; at < bytes.length; at += 2) total += ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
  return total;
};

const fold = (total: number): number => (total > 0xffff ? fold((total & 0xffff) + (total >>> 16)) : total);
