// Sends one packet per line of standard input and answers `ok`. Run inside a network namespace by driver.mjs.
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';

const settle = (done) => setTimeout(done, 6);
/** A socket that closes too early makes the kernel refuse the answer. */
const closeLater = (close) => setTimeout(close, 400);

const sendUdp = ({ family, source, sourcePort, destination, destinationPort }, done) => {
  const socket = createSocket(`udp${family}`);
  socket.on('error', () => undefined);
  socket.bind({ port: sourcePort, address: source, exclusive: true }, () => {
    socket.send('12345678', destinationPort, destination, () => settle(done));
  });
  closeLater(() => socket.close());
};

const sendUnasked = ({ source, sourcePort, destination, destinationPort }, done) => {
  const script = new URL('syn-ack.pl', import.meta.url).pathname;
  const args = [script, source, sourcePort, destination, destinationPort].map(String);
  spawn('perl', args, { stdio: ['ignore', 'ignore', 'inherit'] }).on('close', () => settle(done));
};

const sendTcp = ({ source, sourcePort, destination, destinationPort }, done) => {
  const socket = connect({ host: destination, port: destinationPort, localAddress: source, localPort: sourcePort });
  socket.on('error', () => undefined);
  settle(() => {
    socket.destroy();
    done();
  });
};

const sendIcmp = ({ family, source, sourcePort, destination }, done) => {
  const args = [`-${family}`, '-q', '-n', '-c', '1', '-W', '0.03', '-e', String(sourcePort), '-I', source, destination];
  spawn('ping', args, { stdio: 'ignore' }).on('close', done);
};

const SEND = { udp: sendUdp, tcp: sendTcp, icmp: sendIcmp };

process.stdout.write('ready\n');
createInterface({ input: process.stdin }).on('line', (line) => {
  const packet = JSON.parse(line);
  const send = packet.isUnasked ? sendUnasked : SEND[packet.protocol];
  send(packet, () => process.stdout.write('ok\n'));
});
