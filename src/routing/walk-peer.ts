import type { NetnsState } from '../model/state.js';
import type { HookPacket } from '../netfilter/types.js';
import { connectionOf } from './connection.js';
import { replyTo } from './probe-packet.js';
import { type PacketWalk, walkReceived } from './walk-packet.js';
import type { StepPlace } from './walk-steps.js';

/** A request of the flow on the host of the other end. */
export interface PeerWalkInput {
  readonly place: Omit<StepPlace, 'way'>;
  readonly state: NetnsState;
  /** The request as it comes in, or as it comes out of the tunnel. */
  readonly packet: HookPacket;
  /** The device that it is received by; that of the tunnel where there is one. */
  readonly iif: string;
  /** Device towards the destination; `null` when none is known. */
  readonly oif: string | null;
  /** The packet that the request travels inside of, and the device it comes in by; `null` without a tunnel. */
  readonly outer: { readonly packet: HookPacket; readonly iif: string } | null;
}

export interface PeerWalk {
  /** What the other host does with the packet around the request; `null` without a tunnel. */
  readonly outer: PacketWalk | null;
  readonly request: PacketWalk;
  readonly reply: PacketWalk;
}

/** Walks a request through the other end's host, and the answer back to the tunnel, or to the uplink. Pure. */
export const walkPeer = ({ place, state, packet, iif, oif, outer }: PeerWalkInput): PeerWalk => {
  const forward: StepPlace = { ...place, way: 'forward' };
  const request = walkReceived({
    place: forward,
    state,
    packet: { ...packet, iif, mark: 0, natDecided: false },
    connection: null,
    expects: 'forward',
    fallbackDevice: oif,
  });
  return {
    outer:
      outer &&
      walkReceived({
        place: forward,
        state,
        packet: { ...outer.packet, iif: outer.iif },
        connection: null,
        expects: 'local',
      }),
    request,
    reply: walkReceived({
      place: { ...place, way: 'return' },
      state: request.mended,
      packet: { ...replyTo(request.packet), iif: request.packet.oif ?? oif, mark: 0 },
      connection: connectionOf(request.entered, request.packet),
      expects: 'forward',
      fallbackDevice: iif,
    }),
  };
};
