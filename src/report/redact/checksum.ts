/**
 * A checksum after some of the bytes that it covers changed. Needs only these bytes, so that it also works where the
 * frame was cut, and leaves a wrong one (offloading) as wrong as it was.
 * @see RFC 1624 §3, HC' = ~(~HC + ~m + m')
 * @param before bytes that were there, an even number
 */
export const updateChecksum = (checksum: number, before: Buffer, after: Buffer): number => {
  let sum = ~checksum & 0xffff;
  for (let at = 0; at + 1 < before.length; at += 2) {
    sum += ~before.readUInt16BE(at) & 0xffff;
    sum += after.readUInt16BE(at);
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
};
