import { ENDS_WITH_HOLDER } from './servers.js';

/** Milliseconds between two words of a client: longer than the second after which a fault lets an entry expire. */
const EVERY_MS = 1500;

const TCP = `
const socket = require('node:net').connect(Number(port), address, () => console.log('connected'));
socket.on('error', () => {}).on('data', () => {});
setInterval(() => socket.write(Buffer.alloc(100)), ${EVERY_MS});
`;

const UDP = `
const socket = require('node:dgram').createSocket(address.includes(':') ? 'udp6' : 'udp4');
let number = 0;
const say = () => socket.send('word ' + (number += 1), Number(port), address, () => {});
socket.on('error', () => {}).once('message', () => console.log('answered'));
say();
setInterval(say, ${EVERY_MS});
`;

/** Programs for `node -e`, each with the arguments address, port and PID of the lab's holder. */
export const CLIENTS = { tcp: `${ENDS_WITH_HOLDER}${TCP}`, udp: `${ENDS_WITH_HOLDER}${UDP}` } as const;
