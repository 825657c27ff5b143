import { connect, type Socket } from 'node:net';
import { untilNext } from './pace.js';
import type { StandAloneRequest } from './stand-alone.js';
import type { TcpAttempt } from './tcp-attempt.js';

/**
 * Stand-alone program: connects some times to one address and port, each time from another source port, and prints one
 * `TcpAttempt` per line. The request is its only argument, as JSON. All sockets stay open to the end, so that no source
 * port comes twice.
 */
const main = async (request: StandAloneRequest): Promise<void> => {
  const attempts: Promise<Socket>[] = [];
  for (let probe = 1; probe <= request.count; probe += 1) {
    await untilNext(attempts.at(-1), request);
    attempts.push(attempt(probe, request));
  }
  for (const socket of await Promise.all(attempts)) socket.destroy();
};

const attempt = (probe: number, request: StandAloneRequest): Promise<Socket> =>
  new Promise((resolve) => {
    const started = performance.now();
    const socket = connect({
      host: request.destination,
      port: request.port,
      family: request.family,
      ...(request.source === null ? {} : { localAddress: request.source }),
    });
    let sourcePort: number | null = null;
    const finish = (outcome: TcpAttempt['outcome'], code: string | null): void => {
      clearTimeout(timer);
      socket.removeAllListeners().on('error', () => {});
      print({ probe, sourcePort, outcome, code, rttMs: performance.now() - started });
      resolve(socket);
    };
    const timer = setTimeout(() => finish('timeout', null), request.timeoutMs);
    // node connects in the next tick, and forgets the port when the connection fails: read it right behind that.
    process.nextTick(() => {
      sourcePort = socket.localPort ?? null;
    });
    socket.once('connect', () => finish('connected', null));
    socket.once('error', (error: NodeJS.ErrnoException) => finish(outcomeOf(error.code), error.code ?? error.message));
  });

const outcomeOf = (code: string | undefined): TcpAttempt['outcome'] => {
  if (code === 'ECONNREFUSED') return 'refused';
  return code === 'ETIMEDOUT' ? 'timeout' : 'error';
};

const print = (result: TcpAttempt): void => {
  process.stdout.write(`${JSON.stringify(result)}\n`);
};

await main(JSON.parse(process.argv[2] ?? '') as StandAloneRequest);
