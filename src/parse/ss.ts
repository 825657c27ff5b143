import type { ListeningSocket } from '../model/state.js';
import { ParseError } from './parse-error.js';

/**
 * Listening sockets from `ss -Hlntu`. `address` is `*` for a socket that takes both families, and has neither brackets nor
 * the device a socket is bound to. For a listening TCP socket Recv-Q is the connections that wait to be accepted, Send-Q how many may.
 * @throws ParseError
 * @see ss(8)
 */
export const parseSs = (text: string): ListeningSocket[] =>
  text.split('\n').flatMap((line, index) => {
    if (line.trim() === '') return [];
    const words = line.trim().split(/\s+/);
    const local = /^\[?([^\]%]+)\]?(?:%[^:\]]+)?\]?:(\d+)$/.exec(words[4] ?? '');
    const protocol = words[0];
    if (local?.[1] === undefined || (protocol !== 'tcp' && protocol !== 'udp')) {
      throw new ParseError('ss', index + 1, 'not a listening socket');
    }
    const [waiting, room] = [Number(words[2]), Number(words[3])];
    const queue = protocol === 'tcp' && Number.isInteger(waiting) && Number.isInteger(room) ? { waiting, room } : null;
    return [{ protocol, address: local[1], port: Number(local[2]), ...(queue ? { queue } : {}) }];
  });
