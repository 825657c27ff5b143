import { createSocket, type Socket } from 'node:dgram';
import { parseDnsReply, queryBytes, queryId } from '../parse/dns-message.js';
import { readRequest } from '../parse/tftp.js';
import { askOverTcp } from './ask-over-tcp.js';
import { untilNext } from './pace.js';
import type { UdpAttempt, UdpProbeRequest } from './udp-attempt.js';

/** Stops all waiting: whoever started us knows that no answer can come. */
const enough = new AbortController();
process.once('SIGINT', () => enough.abort());

/**
 * Stand-alone program: sends some datagrams to one address and port, each from another source port, and prints one
 * `UdpAttempt` per line. The request is its only argument, as JSON. The sockets are connected, so that the kernel hands
 * them the ICMP errors of their datagram, and stay open to the end, so that no source port comes twice. A DNS answer that
 * was cut short is asked for again over TCP. What a TFTP server answers from another port is taken by a second socket on the
 * same port, which is not connected.
 */
const main = async (request: UdpProbeRequest): Promise<void> => {
  const attempts: Promise<readonly Socket[]>[] = [];
  for (let probe = 1; probe <= request.count && !enough.signal.aborted; probe += 1) {
    await untilNext(attempts.at(-1), request, enough.signal);
    attempts.push(attempt(probe, request));
  }
  for (const socket of (await Promise.all(attempts)).flat()) socket.close();
};

/** What a DNS server said, in a datagram and over TCP. */
type Said = Pick<UdpAttempt, 'reply' | 'overTcp'>;

const attempt = (probe: number, request: UdpProbeRequest): Promise<readonly Socket[]> =>
  new Promise((resolve) => {
    const socket = socketFor(request);
    const beside = request.tftp ? socketFor(request) : null;
    let started = performance.now();
    let sourcePort: number | null = null;
    let sent = false;
    let over = false;
    const finish = (outcome: UdpAttempt['outcome'], code: string | null, said: Said = {}): void => {
      if (over) return;
      over = true;
      clearTimeout(timer);
      enough.signal.removeEventListener('abort', expire);
      for (const open of [socket, beside]) open?.removeAllListeners().on('error', () => {});
      print({ probe, sourcePort, outcome, code, rttMs: performance.now() - started, ...said });
      resolve(beside === null ? [socket] : [socket, beside]);
    };
    const answer = async (message: Buffer): Promise<void> => {
      const { dns, nonce } = request;
      if (dns === undefined) return finish('answered', null);
      const id = queryId(nonce, probe);
      const reply = parseDnsReply(message, id);
      if (reply === null) return;
      clearTimeout(timer);
      socket.removeAllListeners('message');
      if (!reply.truncated) return finish('answered', null, { reply });
      const { reply: whole = reply, ...overTcp } = await askOverTcp(dns, id, request);
      finish('answered', null, { reply: whole, overTcp });
    };
    const expire = (): void => finish(sent ? 'timeout' : 'not-sent', null);
    const fail = ({ code, message }: NodeJS.ErrnoException): void =>
      finish(!sent ? 'not-sent' : code === 'ECONNREFUSED' ? 'refused' : 'error', code ?? message);
    let timer = setTimeout(expire, request.timeoutMs);
    enough.signal.addEventListener('abort', expire);
    socket.once('error', fail);
    socket.on('message', (message) => void answer(message));
    const send = (): void =>
      socket.send(payload(probe, request), (refused) => {
        if (refused === null) sent = true;
        else fail(refused);
      });
    const address = request.source === null ? {} : { address: request.source };
    socket.bind({ port: request.sourcePort ?? 0, ...address }, () => {
      if (request.destination === '255.255.255.255') socket.setBroadcast(true);
      socket.connect(request.port, request.destination, (error?: Error) => {
        if (error !== undefined) return fail(error);
        sourcePort = socket.address().port;
        clearTimeout(timer);
        timer = setTimeout(expire, request.timeoutMs);
        started = performance.now();
        if (beside === null) return send();
        beside.on('message', (_, from) => from.address === request.destination && finish('answered', null));
        beside.once('error', fail).bind({ port: sourcePort, ...address }, send);
      });
    });
  });

const socketFor = ({ family, tftp }: UdpProbeRequest): Socket =>
  createSocket({ type: family === 6 ? 'udp6' : 'udp4', reuseAddr: tftp === true });

/** A query; a request for a file; or the nonce, the probe's number, and the nonce again up to the size. */
const payload = (probe: number, { nonce, size, dns, tftp }: UdpProbeRequest): Buffer => {
  if (dns !== undefined) return queryBytes(dns, queryId(nonce, probe));
  if (tftp) return readRequest(nonce, probe, size);
  const bytes = Buffer.alloc(size, nonce, 'hex');
  bytes.writeUInt16BE(probe, 4);
  return bytes;
};

const print = (result: UdpAttempt): void => {
  process.stdout.write(`${JSON.stringify(result)}\n`);
};

await main(JSON.parse(process.argv[2] ?? '') as UdpProbeRequest);
