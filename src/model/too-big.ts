import type { ProbeResult } from './probe.js';

const ROUTER = /(?:Frag needed and DF set|Packet too big).*?mtu ?= ?(\d+)/i;
const SOCKET = /message too long(?:, mtu ?= ?(\d+))?/i;

/** That a packet is too big, as the sender was told. */
export interface TooBig {
  /** Bytes of the largest IP packet that is let through; `null` where that was not said. */
  readonly mtu: number | null;
  /** The router that said so; `null` where the sender's own kernel did. */
  readonly from: string | null;
}

/** What the sender of the probe was told of a packet that is too big; `null` where it was not. @see RFC 1191, RFC 8201, ping(8) */
export const tooBigFor = ({ answers }: ProbeResult): TooBig | null => {
  for (const { outcome, text, from } of answers) {
    const router = outcome === 'error' ? text?.match(ROUTER) : null;
    if (router) return { mtu: Number(router[1]), from };
    const socket = outcome === 'not-sent' ? text?.match(SOCKET) : null;
    if (socket) return { mtu: socket[1] === undefined ? null : Number(socket[1]), from: null };
  }
  return null;
};
