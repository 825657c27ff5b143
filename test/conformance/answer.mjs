// Sends every datagram back (`echo`) or swallows it (`sink`), on each address of the namespace.
import { createSocket } from 'node:dgram';
import { networkInterfaces } from 'node:os';

const PORTS = [53, 80, 81, 443, 5353, 8080];
const echoes = process.argv[2] === 'echo';

const addresses = Object.values(networkInterfaces())
  .flat()
  .filter(({ address }) => !address.startsWith('fe80:'));
const sockets = addresses.flatMap(({ address, family }) =>
  PORTS.map(
    (port) =>
      new Promise((resolve) => {
        const socket = createSocket(family === 'IPv6' ? 'udp6' : 'udp4');
        socket.on('error', () => resolve());
        if (echoes) socket.on('message', (data, from) => socket.send(data, from.port, from.address, () => undefined));
        socket.bind({ port, address, exclusive: true }, resolve);
      }),
  ),
);
await Promise.all(sockets);
process.stdout.write('ready\n');
/** Answers when every datagram that was there has been answered. */
process.stdin.on('data', () => setImmediate(() => setImmediate(() => process.stdout.write('idle\n'))));
process.stdin.on('end', () => process.exit());
