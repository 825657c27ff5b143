import type { Hop, HopRole, Link, Stage } from '../../src/model/path.js';

/** A hop; a capture runs at every device. */
export const hop = (id: string, role: HopRole, netns: string, ifname: string | null): Hop => ({
  id,
  role,
  netns,
  ifname,
  ifindex: null,
  captured: ifname !== null,
});

const link = (from: string, to: string, stages: readonly Stage[]): Link => ({ id: `${from}-${to}`, from, to, stages });

/** The links of the textbook network, between hops h0 to h5. */
export const TEXTBOOK_LINKS: readonly Link[] = [
  link('h0', 'h1', ['route', 'output', 'postrouting', 'neighbour', 'qdisc']),
  link('h1', 'h2', ['veth']),
  link('h2', 'h3', ['tc', 'bridge-port', 'bridge-forward']),
  link('h3', 'h4', ['prerouting', 'route', 'forward', 'postrouting', 'neighbour', 'qdisc']),
  link('h4', 'h5', ['wire', 'outside']),
];
