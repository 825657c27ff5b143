import type { TcpSocket } from '../model/traffic.js';
import { ParseError } from './parse-error.js';

/**
 * TCP connections from `ss -Htino state connected`: a line for each, and behind it one that begins with white space and
 * tells what the kernel knows of the connection. A device that a socket is bound to is left out of its address, and an
 * IPv4 address that is mapped into IPv6 is given as what it is.
 * @throws ParseError
 * @see ss(8), tcp_show_info in iproute2
 */
export const parseSsConnections = (text: string): TcpSocket[] =>
  joined(text).map(({ line, number }) => {
    const words = line.trim().split(/\s+/);
    const [state, receive, send, local, remote] = words;
    const [from, to] = [placeOf(local), placeOf(remote)];
    if (state === undefined || from === null || to === null || !/^\d+$/.test(`${receive}${send}`))
      throw new ParseError('ss', number, 'not a connection');
    const info = line.slice(line.indexOf(remote ?? ''));
    const milliseconds = (name: string): number | null => numberIn(info, new RegExp(`\\b${name}:(\\d+(?:\\.\\d+)?)`));
    return {
      state,
      family: from.address.includes(':') ? 6 : 4,
      local: from.address,
      localPort: from.port,
      remote: to.address,
      remotePort: to.port,
      receiveQueue: Number(receive),
      sendQueue: Number(send),
      timer: timerOf(info),
      rtoMs: milliseconds('rto'),
      unacknowledged: milliseconds('unacked') ?? 0,
      retransmitted: numberIn(info, /\bretrans:\d+\/(\d+)/) ?? 0,
      lastSentMs: milliseconds('lastsnd'),
      lastReceivedMs: milliseconds('lastrcv'),
    };
  });

/** Each connection with its line of details. */
const joined = (text: string): { line: string; number: number }[] => {
  const all: { line: string; number: number }[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    const last = all.at(-1);
    if (line.trim() === '') continue;
    if (/^\s/.test(line) && last) last.line += ` ${line.trim()}`;
    else all.push({ line, number: index + 1 });
  }
  return all;
};

const placeOf = (text: string | undefined): { readonly address: string; readonly port: number } | null => {
  const [, address, port] = /^\[?([^\]%]+)\]?(?:%[^:\]]+)?\]?:(\d+)$/.exec(text ?? '') ?? [];
  return address === undefined ? null : { address: address.replace(/^::ffff:(?=\d+\.)/, ''), port: Number(port) };
};

const numberIn = (text: string, pattern: RegExp): number | null => {
  const found = pattern.exec(text)?.[1];
  return found === undefined ? null : Number(found);
};

const UNITS: Readonly<Record<string, number>> = { ms: 1, sec: 1000, min: 60_000 };

/** Times are `736ms`, `3.020ms` for 3 s and 20 ms, `12sec`, `1min59sec`. @see print_ms_timer in misc/ss.c of iproute2 */
const timerOf = (info: string): TcpSocket['timer'] => {
  const [, name, time = '', tries] = /\btimer:\((\w+),([^,)]*),(\d+)\)/.exec(info) ?? [];
  if (name === undefined) return null;
  const parts = [...time.replace(/(\d+)\.(?=\d{3}ms)/, '$1sec').matchAll(/(\d+)(ms|sec|min)/g)];
  const inMs = parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (UNITS[unit ?? ''] ?? 0), 0);
  return { name, inMs, tries: Number(tries) };
};
