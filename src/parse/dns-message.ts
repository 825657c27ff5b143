import type { DnsQuestion } from '../model/flow.js';

/** What the header of a DNS answer says. */
export interface DnsReply {
  /** 0 to 15. */
  readonly rcode: number;
  /** The answer did not fit a datagram: it is to be asked for again over TCP. */
  readonly truncated: boolean;
  /** Records in its answer section. */
  readonly answers: number;
}

const HEADER_BYTES = 12;
const TYPES = { A: 1, AAAA: 28 } as const;
const CLASS_IN = 1;
const RECURSION_DESIRED = 0x0100;
const IS_REPLY = 0x8000;
const IS_TRUNCATED = 0x0200;

/** The question section: name, type and class. @see RFC 1035 §4.1.2 */
export const questionBytes = ({ name, type }: DnsQuestion): Buffer => {
  const labels = name.replace(/\.$/, '').split('.').filter(Boolean);
  const parts = labels.map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label, 'latin1')]));
  return Buffer.concat([...parts, Buffer.from([0, 0, TYPES[type], 0, CLASS_IN])]);
};

/** The query's id: another one for each probe of a run. @param token the run's payload token, hex */
export const queryId = (token: string, probe: number): number =>
  (Number.parseInt(token.slice(0, 4), 16) + probe) & 0xffff;

/** A query that asks for recursion, without extensions, as the resolver of the C library sends it. */
export const queryBytes = (question: DnsQuestion, id: number): Buffer => {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt16BE(id, 0);
  header.writeUInt16BE(RECURSION_DESIRED, 2);
  header.writeUInt16BE(1, 4);
  return Buffer.concat([header, questionBytes(question)]);
};

/** Reads the header of an answer; `null` for anything that does not answer the query with this id. */
export const parseDnsReply = (bytes: Uint8Array, id: number): DnsReply | null => {
  const message = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (message.length < HEADER_BYTES || message.readUInt16BE(0) !== id) return null;
  const flags = message.readUInt16BE(2);
  if ((flags & IS_REPLY) === 0) return null;
  return { rcode: flags & 15, truncated: (flags & IS_TRUNCATED) !== 0, answers: message.readUInt16BE(6) };
};

/**
 * Number of the probe whose query, or whose answer, the bytes are: by id and question; `null` for any other message. Bytes
 * that the capture cut off count as equal.
 */
export const queryNumber = (message: Buffer, token: string, question: Buffer): number | null => {
  if (message.length < HEADER_BYTES || message.readUInt16BE(4) !== 1) return null;
  const number = (message.readUInt16BE(0) - queryId(token, 0)) & 0xffff;
  const asked = message
    .subarray(HEADER_BYTES, HEADER_BYTES + question.length)
    .toString('latin1')
    .toLowerCase();
  const isOurs = asked !== '' && question.toString('latin1').toLowerCase().startsWith(asked);
  return isOurs && number > 0 && number <= MAX_PROBES ? number : null;
};

const MAX_PROBES = 1000;

/** Names and meanings of the response codes. @see RFC 1035 §4.1.1, RFC 2136 §2.2 */
const RCODES: readonly (readonly [name: string, words: string])[] = [
  ['NOERROR', 'the name has no such record'],
  ['FORMERR', 'the server could not read the query'],
  ['SERVFAIL', 'the server failed to find the answer'],
  ['NXDOMAIN', 'the name does not exist'],
  ['NOTIMP', 'the server does not support this kind of query'],
  ['REFUSED', 'the server refuses to answer us'],
];

/** The answer in words: `NXDOMAIN, the name does not exist`. */
export const replyWords = ({ rcode, answers }: Pick<DnsReply, 'rcode' | 'answers'>): string => {
  if (rcode === 0 && answers > 0) return `NOERROR, ${answers} ${answers === 1 ? 'record' : 'records'}`;
  const [name, words] = RCODES[rcode] ?? [`response code ${rcode}`, 'the server gives no answer'];
  return `${name}, ${words}`;
};
