import type { Finding } from '../../src/model/finding.js';
import { wireLink } from '../../src/model/path-queries.js';
import type { LinkState } from '../../src/model/state.js';
import { type CheckContext, defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { inside } from '../support/commands.js';
import { lostOn, type Passage, passages } from '../support/device-programs.js';

/** Functions of the kernel that run an XDP program and drop what it refuses; the reason is NOT_SPECIFIED. */
const RUNS_XDP = /^(?:do_xdp_generic|netif_receive_generic_xdp|veth_xdp_rcv_skb)$/;

/** How `ip link set` names the mode of an attached program. @see XDP_ATTACHED_* in linux/if_link.h */
const MODES: Readonly<Record<number, string>> = { 1: 'xdpdrv', 2: 'xdpgeneric', 3: 'xdpoffload' };

export const xdpDrop = defineCheck({
  meta: {
    id: 'xdp-drop',
    code: 'V3522',
    title: 'no XDP program drops the packets',
    covers: ['xdp-drop', 'veth-xdp-drop'],
    requires: ['host.links', 'target.links'],
    references: ['man 8 ip-link (xdp)', 'https://docs.kernel.org/networking/af_xdp.html'],
  },
  page: {
    meaning: 'An XDP program on a device drops the packet as soon as it is received, before any capture there.',
    path: 'other end -> device: XDP -> capture -> tc ingress -> bridge or IP.',
    decided:
      'The captures lose the packets on the link that comes in to a device with an XDP program, and the kernel dropped them in the function that runs it, or told of no drop elsewhere.',
    byHand: ['ip -d link show DEVICE', 'bpftool net show dev DEVICE', 'ip -s link show DEVICE'],
    origins: [
      'a load balancer or a filter against floods whose agent stopped',
      'Cilium with XDP acceleration',
      'a program attached to try something',
    ],
    fixes: ['the rules of the program that attached it', 'ip link set dev DEVICE xdpgeneric off: takes it away'],
    prevention: 'A capture on the device proves nothing about XDP: look at ip link as well.',
    lab: 'veth-xdp-drop',
  },
  run(artifacts, context) {
    const programmed = passages(context).flatMap((passage) => {
      if (passage.side !== 'ingress') return [];
      const links = passage.hop.netns === 'target' ? artifacts['target.links'] : artifacts['host.links'];
      const device = links.find(({ ifname }) => ifname === passage.hop.ifname);
      return device?.xdp ? [{ passage, device }] : [];
    });
    if (programmed.length === 0) return notApplicable('no device on this path has an XDP program');
    const [first, ...more] = programmed.flatMap((one) => findingOf(context, one) ?? []);
    return first ? fail(first, ...more) : pass('the XDP programs let the packets pass');
  },
});

interface Programmed {
  readonly passage: Passage;
  readonly device: LinkState;
}

const findingOf = (context: CheckContext, { passage, device }: Programmed): Finding | null => {
  const { hop, way, before: link } = passage;
  if (link === null || !lostOn(context, link, way)) return null;
  const drops = context.kernelDrops.filter((drop) => drop.link === link && drop.way === way);
  const told = drops.some((drop) => RUNS_XDP.test(drop.function));
  // On the wire packets are lost for many reasons that nothing here tells.
  if (!told && (drops.length > 0 || link === wireLink(context.path)?.id)) return null;
  const netns = context.netns(hop.netns);
  const mode = MODES[Number(device.xdp?.['mode'])] ?? 'xdp';
  return {
    cause: hop.role === 'veth-host' ? 'veth-xdp-drop' : 'xdp-drop',
    title: `an XDP program on ${hop.ifname} drops the ${way === 'forward' ? 'request' : 'reply'}`,
    place: { link, stage: 'tc', way, netns: hop.netns, device: hop.ifname },
    loses: [{ link, way }],
    proof: [
      {
        kind: 'read',
        text: `${hop.ifname} runs ${programName(device)} (${mode})`,
        command: inside(netns, ['ip', '-d', 'link', 'show', hop.ifname]),
      },
    ],
    remedies: [
      {
        kind: 'runtime',
        title: `take the XDP program off ${hop.ifname}`,
        netns: hop.netns,
        commands: [inside(netns, ['ip', 'link', 'set', 'dev', hop.ifname, mode, 'off'])],
        undo: [],
        risk: 'high',
        riskText: 'no command puts the program back: its owner has to attach it again',
      },
    ],
    notes: [`a capture on ${hop.ifname} does not show the packet: the program runs before`],
  };
};

/** `program 816 "drop"`; several are attached where the modes differ. */
const programName = ({ xdp }: LinkState): string => {
  const { prog } = { prog: undefined, ...xdp } as { readonly prog: unknown };
  if (typeof prog !== 'object' || prog === null) return 'an XDP program';
  const { id, name } = { id: undefined, name: undefined, ...prog } as { readonly id: unknown; readonly name: unknown };
  return `XDP program ${typeof id === 'number' ? id : ''}${typeof name === 'string' && name !== '' ? ` "${name}"` : ''}`;
};
