import { createSocket, type Socket } from 'node:dgram';
import { setTimeout as sleep } from 'node:timers/promises';
import type { UdpAttempt, UdpProbeRequest } from './udp-attempt.js';

/** Stops all waiting: whoever started us knows that no answer can come. */
const enough = new AbortController();
process.once('SIGINT', () => enough.abort());

/**
 * Stand-alone program: sends some datagrams to one address and port, each from another source port, and prints one
 * `UdpAttempt` per line. The request is its only argument, as JSON. The sockets are connected, so that the kernel hands
 * them the ICMP errors of their datagram, and stay open to the end, so that no source port comes twice.
 */
const main = async (request: UdpProbeRequest): Promise<void> => {
  const attempts: Promise<Socket>[] = [];
  for (let probe = 1; probe <= request.count && !enough.signal.aborted; probe += 1) {
    if (probe > 1) await sleep(request.intervalMs, undefined, { signal: enough.signal }).catch(() => {});
    attempts.push(attempt(probe, request));
  }
  for (const socket of await Promise.all(attempts)) socket.close();
};

const attempt = (probe: number, request: UdpProbeRequest): Promise<Socket> =>
  new Promise((resolve) => {
    const socket = createSocket(request.family === 6 ? 'udp6' : 'udp4');
    let started = performance.now();
    let sourcePort: number | null = null;
    let sent = false;
    const finish = (outcome: UdpAttempt['outcome'], code: string | null): void => {
      clearTimeout(timer);
      enough.signal.removeEventListener('abort', expire);
      socket.removeAllListeners().on('error', () => {});
      print({ probe, sourcePort, outcome, code, rttMs: performance.now() - started });
      resolve(socket);
    };
    const expire = (): void => finish(sent ? 'timeout' : 'not-sent', null);
    const fail = ({ code, message }: NodeJS.ErrnoException): void =>
      finish(!sent ? 'not-sent' : code === 'ECONNREFUSED' ? 'refused' : 'error', code ?? message);
    let timer = setTimeout(expire, request.timeoutMs);
    enough.signal.addEventListener('abort', expire);
    socket.once('error', fail);
    socket.once('message', () => finish('answered', null));
    socket.bind({ port: 0, ...(request.source === null ? {} : { address: request.source }) }, () => {
      socket.connect(request.port, request.destination, (error?: Error) => {
        if (error !== undefined) return fail(error);
        sourcePort = socket.address().port;
        clearTimeout(timer);
        timer = setTimeout(expire, request.timeoutMs);
        started = performance.now();
        socket.send(payload(probe, request), (refused) => {
          if (refused === null) sent = true;
          else fail(refused);
        });
      });
    });
  });

/** The token, the probe's number, and the token again up to the size. */
const payload = (probe: number, { token, size }: UdpProbeRequest): Buffer => {
  const bytes = Buffer.alloc(size, token, 'hex');
  bytes.writeUInt16BE(probe, 4);
  return bytes;
};

const print = (result: UdpAttempt): void => {
  process.stdout.write(`${JSON.stringify(result)}\n`);
};

await main(JSON.parse(process.argv[2] ?? '') as UdpProbeRequest);
