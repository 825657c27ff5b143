import ipaddr from 'ipaddr.js';
import type { AcceptQueue, ListeningSocket } from '../model/state.js';
import type { HookPacket } from '../netfilter/types.js';
import type { ServiceAnswer } from './flow-walk-types.js';

const isLoopback = (address: string): boolean =>
  ipaddr.isValid(address) && ipaddr.parse(address).range() === 'loopback';

/** Whether a socket that listens on one address takes what comes to another; `*` takes both families. */
const takes = (listening: string, address: string): boolean => {
  if (listening === '*') return true;
  if (!ipaddr.isValid(listening)) return false;
  const [own, asked] = [ipaddr.parse(listening), ipaddr.process(address)];
  return own.range() === 'unspecified'
    ? own.kind() === asked.kind()
    : ipaddr.process(listening).toString() === asked.toString();
};

const left = ({ waiting, room }: AcceptQueue): number => room - waiting;

/** What listens for a packet in its namespace; `null` for a protocol without ports. */
export const serviceFor = (
  sockets: readonly ListeningSocket[],
  { protocol, destination, destinationPort }: HookPacket,
): ServiceAnswer | null => {
  if ((protocol !== 'tcp' && protocol !== 'udp') || destinationPort === null) return null;
  const own = sockets.filter((socket) => socket.protocol === protocol);
  const same = own.filter(({ port }) => port === destinationPort);
  const open = own.filter(({ address }) => takes(address, destination));
  const taking = open.filter(({ port }) => port === destinationPort);
  const [queue] = taking.flatMap((socket) => socket.queue ?? []).sort((a, b) => left(b) - left(a));
  return {
    protocol,
    address: destination,
    port: destinationPort,
    listens: taking.length > 0 ? 'yes' : same.length > 0 ? 'elsewhere' : 'no',
    on: [...new Set(same.map(({ address }) => address))].sort(),
    otherPorts: [...new Set(open.map(({ port }) => port))]
      .filter((port) => port !== destinationPort)
      .sort((a, b) => a - b),
    ...(queue ? { queue } : {}),
  };
};

export { isLoopback };
