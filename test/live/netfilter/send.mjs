// Sends one packet per line of standard input and answers `ok`. Run inside a network namespace by run-cases.sh.
import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';

const settle = (done) => setTimeout(done, 4);

const sendUdp = ({ source, sourcePort, destination, destinationPort }, done) => {
  const socket = createSocket('udp4');
  socket.on('error', () => undefined);
  socket.bind({ port: sourcePort, address: source, exclusive: true }, () => {
    socket.send('12345678', destinationPort, destination, () => settle(() => socket.close(done)));
  });
};

const sendTcp = ({ source, sourcePort, destination, destinationPort }, done) => {
  const socket = connect({ host: destination, port: destinationPort, localAddress: source, localPort: sourcePort });
  socket.on('error', () => undefined);
  settle(() => {
    socket.destroy();
    done();
  });
};

createInterface({ input: process.stdin }).on('line', (line) => {
  const packet = JSON.parse(line);
  const send = packet.protocol === 'udp' ? sendUdp : sendTcp;
  send(packet, () => process.stdout.write('ok\n'));
});
