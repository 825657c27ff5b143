import type { Way } from '../model/flow.js';
import type { RouterNode } from '../model/path.js';
import type { HookPacket } from '../netfilter/types.js';
import type { StepOf, WalkInput, WalkStep } from './flow-walk-types.js';
import { type FrameHeaders, frameSteps, type Passage } from './frame-hooks.js';
import { arpPassage, ndPassage } from './frame-passages.js';
import { atEnd, containerEnd, nearDevice, wayIn, wayOut } from './frame-way.js';
import { linkMac } from './link-mac.js';
import { primaryAddress } from './source-address.js';
import { routesOf } from './walk-steps.js';

/** Who asks for whose MAC address, and the hooks on the way of the question and of its answer. */
interface Question {
  readonly way: Way;
  readonly asker: { readonly address: string; readonly mac: string | null };
  readonly asked: { readonly address: string; readonly mac: string | null };
  readonly out: readonly Passage[];
  readonly back: readonly Passage[];
  /** Link on which the packets wait meanwhile. */
  readonly waits: string;
}

const BROADCAST = 'ff:ff:ff:ff:ff:ff';
const SOLICITATION = 135;
const ADVERTISEMENT = 136;

/** Whether a neighbour has to be asked for before a packet can go to it. */
export const isAsked = (steps: readonly WalkStep[]): boolean =>
  steps.some(
    (step): step is StepOf<'neighbour'> =>
      step.detail.kind === 'neighbour' && (step.outcome === 'unknown' || step.detail.entry === null),
  );

type End = 'input' | 'output';

type AskInput = Pick<WalkInput, 'path' | 'states'>;

/** The address that a router asks for neighbours with. */
export const ownAddress = (
  { states }: Pick<WalkInput, 'states'>,
  netns: string,
  device: string | null,
  { family, source }: HookPacket,
): string => {
  const routes = routesOf(states[netns]);
  return (routes && device !== null ? primaryAddress(routes, device, family) : null) ?? source;
};

/** The question of the container for its gateway, or for another container on its bridge. */
export const askFromContainer = (
  input: AskInput,
  way: Way,
  router: RouterNode | null,
  packet: HookPacket,
  asked: string,
  macs: { readonly container: string | null; readonly far: string | null },
): readonly WalkStep[] => {
  const { device, link } = containerEnd(input);
  const own = (hook: End) => stackPassage(packet, 'target', link, hook, device);
  const theirs = (hook: End) =>
    router === null ? [] : stackPassage(packet, router.netns, router.link, hook, nearDevice(input, router));
  return ask(input, packet, {
    way,
    waits: link,
    asker: { address: packet.source, mac: macs.container },
    asked: { address: asked, mac: macs.far },
    out: [...own('output'), ...wayOut(input, router), ...theirs('input')],
    back: [...theirs('output'), ...wayIn(input, router), ...own('input')],
  });
};

/** The question of the router for the container. */
export const askFromRouter = (
  input: AskInput,
  way: Way,
  router: RouterNode,
  packet: HookPacket,
  own: string,
  macs: { readonly container: string | null; readonly far: string | null },
): readonly WalkStep[] => {
  const { device, link } = containerEnd(input);
  const mine = (hook: End) => stackPassage(packet, router.netns, router.link, hook, nearDevice(input, router));
  const theirs = (hook: End) => stackPassage(packet, 'target', link, hook, device);
  return ask(input, packet, {
    way,
    waits: router.link,
    asker: { address: own, mac: macs.far },
    asked: { address: packet.destination, mac: macs.container },
    out: [...mine('output'), ...wayIn(input, router), ...theirs('input')],
    back: [...theirs('output'), ...wayOut(input, router), ...mine('input')],
  });
};

/** The question of a router for the next hop beyond its uplink. */
export const askUplink = (
  input: WalkInput,
  router: RouterNode,
  packet: HookPacket,
  own: string,
  asked: string,
): readonly WalkStep[] => {
  const { netns, link } = router;
  const device = packet.oif;
  return ask(input, packet, {
    way: 'forward',
    waits: link,
    asker: { address: own, mac: linkMac(input, netns, device) },
    asked: { address: asked, mac: null },
    out: [...stackPassage(packet, netns, link, 'output', device), ...atEnd(input, router, 'to', 'egress', device)],
    back: [...atEnd(input, router, 'to', 'ingress', device), ...stackPassage(packet, netns, link, 'input', device)],
  });
};

const stackPassage = ({ family }: HookPacket, netns: string, link: string, hook: End, device: string | null) =>
  (family === 4 ? arpPassage : ndPassage)(netns, link, hook, device);

const ask = (input: AskInput, packet: HookPacket, question: Question): readonly WalkStep[] => {
  const { way, out, back, asker, asked, waits } = question;
  if (packet.family === 6) {
    const { solicitation, advertisement } = neighbourMessages(packet, question);
    return [
      ...frameSteps(input, way, out, solicitation, { source: asker.mac, destination: groupMac(solicitation), waits }),
      ...frameSteps(input, way, back, advertisement, { source: asked.mac, destination: asker.mac, waits }),
    ];
  }
  const request: FrameHeaders = {
    source: asker.mac,
    destination: BROADCAST,
    waits,
    arp: {
      operation: 'request',
      senderMac: asker.mac,
      senderAddress: asker.address,
      targetMac: '00:00:00:00:00:00',
      targetAddress: asked.address,
    },
  };
  const reply: FrameHeaders = {
    source: asked.mac,
    destination: asker.mac,
    waits,
    arp: {
      operation: 'reply',
      senderMac: asked.mac,
      senderAddress: asked.address,
      targetMac: asker.mac,
      targetAddress: asker.address,
    },
  };
  return [...frameSteps(input, way, out, packet, request), ...frameSteps(input, way, back, packet, reply)];
};

const neighbourMessages = (packet: HookPacket, { asker, asked }: Question) => {
  const message: HookPacket = {
    ...packet,
    protocol: 'icmp',
    source: asker.address,
    destination: solicitedNode(asked.address),
    sourcePort: null,
    destinationPort: null,
    icmp: { type: SOLICITATION, code: 0 },
    tcpFlags: [],
    connection: 'untracked',
    connectionDirection: 'original',
    connectionStatus: [],
    length: 72,
    ttl: 255,
  };
  return {
    solicitation: message,
    advertisement: {
      ...message,
      source: asked.address,
      destination: asker.address,
      icmp: { type: ADVERTISEMENT, code: 0 },
    },
  };
};

/** The last 24 bits of an IPv6 address, as two groups. */
const lastBits = (address: string): readonly [number, number] => {
  const groups = (address.split('%')[0] ?? '').split(':');
  const [high, low] = [groups.at(-2), groups.at(-1)].map((group) => Number.parseInt(group || '0', 16));
  return [(high ?? 0) & 0xff, low ?? 0];
};

/** The group that a host with an IPv6 address is asked in. @see RFC 4291 section 2.7.1 */
export const solicitedNode = (address: string): string => {
  const [high, low] = lastBits(address);
  return `ff02::1:ff${high.toString(16).padStart(2, '0')}:${low.toString(16)}`;
};

/** @see RFC 2464 section 7 */
const groupMac = ({ destination }: HookPacket): string => {
  const [high, low] = lastBits(destination);
  const bytes = [0x33, 0x33, 0xff, high, low >> 8, low & 0xff];
  return bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(':');
};
