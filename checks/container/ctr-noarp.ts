import { originLink, segmentLinks } from '../../src/model/path-queries.js';
import { defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { inside } from '../support/commands.js';

/** Devices that need no neighbour's address: there NOARP is right. */
const WITHOUT_NEIGHBOURS = ['POINTOPOINT', 'LOOPBACK'];

import { resolvesOn } from '../support/once-mended.js';

export const ctrNoarp = defineCheck({
  meta: {
    id: 'ctr-noarp',
    code: 'V1009',
    title: "the container's device resolves addresses",
    covers: ['ctr-noarp'],
    requires: ['target.links'],
    references: ['man 8 ip-link (arp)', 'man 7 netdevice (IFF_NOARP)'],
  },
  page: {
    meaning:
      "The container's Ethernet device has the flag NOARP: it asks for no MAC address and answers no such question.",
    path: 'socket -> route -> neighbour: none is asked for, the frame leaves with a MAC that is not the gateway; the bridge drops it.',
    decided: 'eth0 is an Ethernet device with NOARP, and the frames end at the bridge.',
    byHand: ['ip -n NETNS link show eth0', 'ip -n NETNS neigh'],
    origins: ['ip link set eth0 arp off', 'a network script for tunnels that met an Ethernet device'],
    fixes: ['ip -n NETNS link set eth0 arp on'],
    prevention: 'Set NOARP only on point-to-point devices.',
    lab: 'ctr-noarp',
  },
  run(artifacts, context) {
    const device = context.path.hops.find(({ role }) => role === 'container')?.ifname ?? null;
    const link = artifacts['target.links'].find(({ ifname }) => ifname === device);
    if (!link || link.address === null || WITHOUT_NEIGHBOURS.some((flag) => link.flags.includes(flag)))
      return notApplicable('the packets leave by no Ethernet device');
    if (!link.flags.includes('NOARP')) return pass(`${link.ifname} uses ARP`);
    const netns = context.netns('target');
    const origin = originLink(context.path);
    const product = fail({
      cause: 'ctr-noarp',
      title: `${link.ifname} of the container has NOARP: it resolves no gateway`,
      place: { link: origin.id, stage: 'neighbour', way: 'forward', netns: 'target', device: link.ifname },
      loses: [
        { link: origin.id, way: 'forward' },
        ...segmentLinks(context.path).flatMap(({ id }) => [
          { link: id, way: 'forward' as const },
          { link: id, way: 'return' as const },
        ]),
      ],
      proof: [
        {
          kind: 'read',
          text: `${link.ifname}: <${link.flags.join(',')}>`,
          command: inside(netns, ['ip', 'link', 'show', link.ifname]),
        },
      ],
      remedies: [
        {
          kind: 'runtime',
          title: `switch ARP on for ${link.ifname}`,
          netns: 'target',
          commands: [inside(netns, ['ip', 'link', 'set', link.ifname, 'arp', 'on'])],
          undo: [inside(netns, ['ip', 'link', 'set', link.ifname, 'arp', 'off'])],
          risk: 'low',
          riskText: 'only this container is changed',
        },
      ],
    });
    return { ...product, onceMended: resolvesOn(link.ifname) };
  },
});
