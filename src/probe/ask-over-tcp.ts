import { connect } from 'node:net';
import type { DnsQuestion } from '../model/flow.js';
import { parseDnsReply, queryBytes } from '../parse/dns-message.js';
import type { UdpAttempt, UdpProbeRequest } from './udp-attempt.js';

/** What the query over TCP brought; `reply` is there with `answered` alone. */
export type OverTcp = NonNullable<UdpAttempt['overTcp']> & { readonly reply?: UdpAttempt['reply'] };

/** Asks a DNS server over TCP: each message comes behind its length in 2 bytes. @see RFC 1035 §4.2.2 */
export const askOverTcp = (
  question: DnsQuestion,
  id: number,
  { destination, port, family, source, timeoutMs }: UdpProbeRequest,
): Promise<OverTcp> =>
  new Promise((resolve) => {
    const socket = connect({ host: destination, port, family, ...(source === null ? {} : { localAddress: source }) });
    const finish = (result: OverTcp): void => {
      clearTimeout(timer);
      socket.removeAllListeners().on('error', () => {});
      socket.destroy();
      resolve(result);
    };
    const timer = setTimeout(() => finish({ outcome: 'timeout', code: null }), timeoutMs);
    let received = Buffer.alloc(0);
    socket.once('connect', () => {
      const query = queryBytes(question, id);
      socket.write(Buffer.concat([Buffer.from([query.length >> 8, query.length & 0xff]), query]));
    });
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      if (received.length < 2 || received.length < 2 + received.readUInt16BE(0)) return;
      const reply = parseDnsReply(received.subarray(2), id);
      finish(reply ? { outcome: 'answered', code: null, reply } : { outcome: 'error', code: 'EBADMSG' });
    });
    socket.once('end', () => finish({ outcome: 'error', code: 'ECONNRESET' }));
    socket.once('error', ({ code, message }: NodeJS.ErrnoException) =>
      finish({ outcome: code === 'ECONNREFUSED' ? 'refused' : 'error', code: code ?? message }),
    );
  });
