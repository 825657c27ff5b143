// Frames with an IPv4 or IPv6 packet of TCP (SYN), UDP or ICMP (echo request), as a sender on the wire makes them.

const sum = (bytes) => {
  let total = 0;
  for (let at = 0; at < bytes.length; at += 2) total += (bytes[at] << 8) | (bytes[at + 1] ?? 0);
  while (total > 0xffff) total = (total & 0xffff) + (total >>> 16);
  return ~total & 0xffff;
};

const macBytes = (mac) => Buffer.from(mac.replaceAll(':', ''), 'hex');

const addressBytes = (address) => {
  if (!address.includes(':')) return Buffer.from(address.split('.').map(Number));
  const [head, tail] = address.split('::').map((part) => part.split(':').filter((word) => word !== ''));
  const words = tail === undefined ? head : [...head, ...Array(8 - head.length - tail.length).fill('0'), ...tail];
  return Buffer.from(words.map((word) => word.padStart(4, '0')).join(''), 'hex');
};

const NUMBERS = { tcp: 6, udp: 17, icmp: 1, icmpv6: 58 };

const payload = ({ proto, sport, dport }) => {
  if (proto === 'tcp') {
    const bytes = Buffer.alloc(20);
    bytes.writeUInt16BE(sport, 0);
    bytes.writeUInt16BE(dport, 2);
    bytes.writeUInt32BE(1000, 4);
    bytes.set([0x50, 0x02, 0xff, 0xff], 12);
    return { bytes, checksumAt: 16 };
  }
  if (proto === 'udp') {
    const bytes = Buffer.alloc(12);
    bytes.writeUInt16BE(sport, 0);
    bytes.writeUInt16BE(dport, 2);
    bytes.writeUInt16BE(12, 4);
    return { bytes, checksumAt: 6 };
  }
  const bytes = Buffer.alloc(16);
  bytes[0] = proto === 'icmp' ? 8 : 128;
  bytes.writeUInt16BE(sport, 4);
  return { bytes, checksumAt: 2 };
};

/** The bytes of a frame, in hexadecimal digits; `ttl` is 64. */
export const frame = (packet) => {
  const [source, destination] = [addressBytes(packet.src), addressBytes(packet.dst)];
  const number = NUMBERS[packet.proto];
  const { bytes, checksumAt } = payload(packet);
  const pseudo = Buffer.concat([source, destination, Buffer.from([0, number, bytes.length >> 8, bytes.length & 0xff])]);
  bytes.writeUInt16BE(sum(packet.proto === 'icmp' ? bytes : Buffer.concat([pseudo, bytes])), checksumAt);
  const isSix = source.length === 16;
  const header = Buffer.alloc(isSix ? 8 : 12);
  if (isSix) {
    header.set([0x60, 0, 0, 0, 0, bytes.length, number, 64]);
  } else {
    header.set([0x45, 0, 0, 20 + bytes.length, 0, 1, 0x40, 0, 64, number, 0, 0]);
    header.writeUInt16BE(sum(Buffer.concat([header, source, destination])), 10);
  }
  const ether = Buffer.concat([
    macBytes(packet.dmac),
    macBytes(packet.smac),
    Buffer.from(isSix ? [0x86, 0xdd] : [8, 0]),
  ]);
  return Buffer.concat([ether, header, source, destination, bytes]).toString('hex');
};
