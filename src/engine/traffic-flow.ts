import type { FlowRequest } from '../discover/index.js';
import type { Flow, Protocol } from '../model/flow.js';
import { headerBytes } from '../model/probe.js';
import type { SeenFlow, TcpSocket } from '../model/traffic.js';

/** Traffic of the container that was found, before its path is known. */
export interface FoundFlow {
  readonly request: FlowRequest;
  /** What the request does not say of it. */
  readonly under: Pick<Flow, 'sourcePort' | 'established'>;
  /** Lengths of its IP packets, in bytes; empty where none was seen. */
  readonly lengths: readonly number[];
  readonly dontFragment: boolean;
  readonly seen: SeenFlow;
}

/** The destination of a flow as a person would type it. */
export const destinationOf = (protocol: Protocol, address: string, port: number | null): string => {
  if (port === null) return address;
  return `${protocol}://${address.includes(':') ? `[${address}]` : address}:${port}`;
};

/** What to discover for a flow that is known by both its ends. */
export const requestFor = ({ protocol, local, remote, remotePort }: SeenFlow): FlowRequest => ({
  family: remote.includes(':') ? 6 : 4,
  protocol,
  destination: remote,
  destinationText: destinationOf(protocol, remote, remotePort),
  port: remotePort,
  source: local,
  mark: 0,
});

/** Payload bytes of a packet of so many bytes, as a probe of that length would have. */
export const payloadOf = ({ lengths, request }: FoundFlow): number =>
  Math.max((lengths[0] ?? 0) - headerBytes(request.family), 0);

/** The flow of one connection. */
export const flowOfSocket = ({ state, local, localPort, remote, remotePort }: TcpSocket): FoundFlow => {
  const seen: SeenFlow = { protocol: 'tcp', local, localPort, remote, remotePort, sent: 0, answered: 0 };
  return {
    request: requestFor(seen),
    under: { sourcePort: localPort, ...(state === 'SYN-SENT' ? {} : { established: true }) },
    lengths: [],
    dontFragment: true,
    seen,
  };
};
