import type { NetnsState } from '../model/state.js';
import type { HookPacket } from '../netfilter/types.js';
import { connectionOf } from './connection.js';
import type { WalkStep } from './flow-walk-types.js';
import { replyTo } from './probe-packet.js';
import { type PacketWalk, walkReceived, walkSent } from './walk-packet.js';

/** One packet of one namespace and its answer. */
export interface Exchange {
  readonly steps: readonly WalkStep[];
  readonly request: PacketWalk;
  readonly reply: PacketWalk;
}

export interface ExchangeOptions {
  /** What the steps call the namespace. @default 'host' */
  readonly netns?: string;
  /** Device to go on with where no route names one. */
  readonly fallbackDevice?: string | null;
  /** What the other end answers. @default an echo reply, SYN-ACK or datagram */
  readonly answer?: (request: HookPacket) => HookPacket;
}

const PLACE = { link: 'h0-h1' } as const;

/**
 * Walks a packet that comes in by `packet.iif`, or that a socket of the namespace makes (`iif` is `null`), and the answer
 * to it, which comes back by the device that the request left by.
 */
export const walkExchange = (
  state: NetnsState,
  packet: HookPacket,
  { netns = 'host', fallbackDevice = null, answer: answerTo = replyTo }: ExchangeOptions = {},
): Exchange => {
  const place = { ...PLACE, netns };
  const walkRequest = packet.iif === null ? walkSent : walkReceived;
  const request = walkRequest({ place: { ...place, way: 'forward' }, state, packet, connection: null, fallbackDevice });
  const connection = connectionOf(request.entered, request.packet);
  const answer = { ...answerTo(request.packet), iif: request.end === 'sent' ? request.packet.oif : null };
  const walkReply = request.end === 'sent' ? walkReceived : walkSent;
  const reply = walkReply({
    place: { ...place, way: 'return' },
    state,
    packet: answer,
    connection,
    fallbackDevice: packet.iif,
  });
  return { steps: [...request.steps, ...reply.steps], request, reply };
};
