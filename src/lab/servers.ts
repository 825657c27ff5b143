/** Arguments: address, port, PID of the holder with which it ends. Says `listening` when it does. */
export const ENDS_WITH_HOLDER = `
const [address, port, holder] = process.argv.slice(1);
setInterval(() => { try { process.kill(holder, 0); } catch { process.exit(); } }, 200);
`;

const TCP = `
require('node:net').createServer((socket) => socket.on('error', () => {}).end())
  .on('error', (error) => { console.error(error.message); process.exit(1); })
  .listen(Number(port), address, () => console.log('listening'));
`;

const OPEN = `
require('node:net').createServer((socket) => socket.on('error', () => {}).pipe(socket))
  .on('error', (error) => { console.error(error.message); process.exit(1); })
  .listen(Number(port), address, () => console.log('listening'));
`;

const ECHO = `
const socket = require('node:dgram').createSocket(address.includes(':') ? 'udp6' : 'udp4');
socket.on('error', (error) => { console.error(error.message); process.exit(1); })
  .on('message', (data, from) => socket.send(data, from.port, from.address, () => {}));
socket.bind(Number(port), address, () => console.log('listening'));
`;

/** Answers a read request from another port, as RFC 1350 says: there is no such file. */
const TFTP = `
const { createSocket } = require('node:dgram');
const MISSING = Buffer.from('\\0\\x05\\0\\x01no such file\\0', 'latin1');
const socket = createSocket('udp4');
socket.on('error', (error) => { console.error(error.message); process.exit(1); })
  .on('message', (data, from) => {
    if (data.readUInt16BE() !== 1) return;
    const own = createSocket('udp4').on('error', () => {});
    own.bind(0, address, () => own.send(MISSING, from.port, from.address, () => own.close()));
  });
socket.bind(Number(port), address, () => console.log('listening'));
`;

/** The question is sent back with flags, and a record behind it; `big.test` fits no datagram. */
const DNS = `
const RECORD = Buffer.from('c00c00010001000000000004cb007105', 'hex');
const answer = (query, overTcp) => {
  const name = query.toString('latin1', 12).toLowerCase();
  const [big, known] = [name.startsWith('\\x03big\\x04test\\0'), name.startsWith('\\x07example\\x04test\\0')];
  const cut = big && !overTcp;
  const reply = Buffer.concat([query, known || (big && overTcp) ? RECORD : Buffer.alloc(0)]);
  reply.writeUInt16BE(0x8180 | (cut ? 0x0200 : 0) | (big || known ? 0 : 3), 2);
  reply.writeUInt16BE(reply.length > query.length ? 1 : 0, 6);
  return reply;
};
const socket = require('node:dgram').createSocket(address.includes(':') ? 'udp6' : 'udp4');
socket.on('message', (query, from) => socket.send(answer(query, false), from.port, from.address, () => {}));
require('node:net').createServer((client) => client.on('error', () => {}).on('data', (data) => {
  const reply = answer(data.subarray(2), true);
  client.end(Buffer.concat([Buffer.from([reply.length >> 8, reply.length & 255]), reply]));
})).listen(Number(port), address, () => socket.bind(Number(port), address, () => console.log('listening')));
`;

/** Programs for `node -e`, each with the arguments address, port and PID of the lab's holder. */
export const SERVERS = {
  tcp: `${ENDS_WITH_HOLDER}${TCP}`,
  open: `${ENDS_WITH_HOLDER}${OPEN}`,
  echo: `${ENDS_WITH_HOLDER}${ECHO}`,
  tftp: `${ENDS_WITH_HOLDER}${TFTP}`,
  dns: `${ENDS_WITH_HOLDER}${DNS}`,
} as const;
