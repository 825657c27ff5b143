import type { Flow } from '../model/flow.js';

const PORT = 69;
const READ = 1;
const MODE = '\0octet\0';
const OPCODE_BYTES = 2;
const TOKEN_DIGITS = 8;
const NUMBER_DIGITS = 4;

/** Bytes of the largest request. @see RFC 2347 */
export const LARGEST_REQUEST = 512;

/** Whether a datagram of the flow asks a TFTP server, which answers each request from another port. @see RFC 1350 §4 */
export const asksTftp = ({ protocol, port }: Pick<Flow, 'protocol' | 'port'>): boolean =>
  protocol === 'udp' && port === PORT;

/**
 * A request to read a file that no server has, and that it answers with an error: the token and the probe's number are its name.
 * @param token 4 bytes in hex
 * @param size bytes of the request; a name needs 21 in all
 */
export const readRequest = (token: string, probe: number, size: number): Buffer => {
  const name = `${token}${probe.toString(16).padStart(NUMBER_DIGITS, '0')}`;
  const request = Buffer.from(`\0\0${name.padEnd(size - OPCODE_BYTES - MODE.length, 'x')}${MODE}`, 'latin1');
  request.writeUInt16BE(READ);
  return request;
};

/** The probe's number in such a request; `null` for any other datagram. */
export const readRequestNumber = (bytes: Buffer, offset: number, end: number, token: string | null): number | null => {
  const name = offset + OPCODE_BYTES;
  const number = name + TOKEN_DIGITS;
  if (number + NUMBER_DIGITS > end || bytes.readUInt16BE(offset) !== READ) return null;
  if (bytes.toString('latin1', name, number) !== token) return null;
  return Number.parseInt(bytes.toString('latin1', number, number + NUMBER_DIGITS), 16);
};
