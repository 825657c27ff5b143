import type { ListeningSocket } from '../model/state.js';
import { ParseError } from './parse-error.js';

/**
 * Listening sockets from `ss -Hlntu`. `address` is `*` for a socket that takes both families, and has neither brackets nor
 * the device a socket is bound to.
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
    return [{ protocol, address: local[1], port: Number(local[2]) }];
  });
