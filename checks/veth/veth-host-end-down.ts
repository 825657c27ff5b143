import { hopOf, originLink, segmentLinks } from '../../src/model/path-queries.js';
import { defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { inside } from '../support/commands.js';

export const vethHostEndDown = defineCheck({
  meta: {
    id: 'veth-host-end-down',
    code: 'V2001',
    title: 'the host end of the veth pair is up',
    covers: ['veth-host-end-down'],
    requires: ['host.links', 'target.links'],
    references: ['man 4 veth'],
  },
  page: {
    meaning: 'The host end of the veth pair is administratively down, so the container has no carrier.',
    path: 'socket -> route (still there, linkdown) -> neighbour -> eth0 without carrier: the queue drops it.',
    decided: 'The host end lacks the UP flag while the container end is up and shows NO-CARRIER.',
    byHand: ['ip -br link show type veth', 'ip -n NETNS -br link', 'ip -n NETNS route'],
    origins: [
      'a CNI plugin that was interrupted before it set the link up',
      'NetworkManager or ifdown on a veth',
      'a hand-made pair whose host end was never set up',
    ],
    fixes: ['ip link set VETH up: at once, nothing else changes'],
    prevention: 'Leave veth* unmanaged in NetworkManager and systemd-networkd.',
    lab: 'veth-host-end-down',
  },
  run(artifacts, context) {
    const hop = hopOf(context.path, 'veth-host');
    const veth =
      hop?.netns === 'host' ? artifacts['host.links'].find((link) => link.ifindex === hop.ifindex) : undefined;
    if (!veth) return notApplicable('the container has no veth peer on this host');
    if (veth.flags.includes('UP')) return pass(`${veth.ifname} is up`);
    const container = hopOf(context.path, 'container');
    const inner = artifacts['target.links'].find((link) => link.ifname === container?.ifname);
    const [pair = originLink(context.path)] = segmentLinks(context.path);
    return fail({
      cause: 'veth-host-end-down',
      title: `the host end of the veth pair, ${veth.ifname}, is down`,
      place: { link: pair.id, stage: 'veth', way: 'forward', netns: 'host', device: veth.ifname },
      loses: [
        { link: originLink(context.path).id, way: 'forward' },
        { link: pair.id, way: 'forward' },
      ],
      proof: [
        {
          kind: 'read',
          text: `${veth.ifname} lacks the UP flag (state ${veth.operstate})`,
          command: ['ip', '-br', 'link', 'show', veth.ifname],
        },
        ...(inner && !inner.flags.includes('LOWER_UP')
          ? [
              {
                kind: 'read' as const,
                text: `${inner.ifname} in the container has no carrier (state ${inner.operstate})`,
                command: inside(context.netns('target'), ['ip', '-br', 'link', 'show', inner.ifname]),
              },
            ]
          : []),
      ],
      remedies: [
        {
          kind: 'runtime',
          title: `set ${veth.ifname} up`,
          netns: 'host',
          commands: [['ip', 'link', 'set', veth.ifname, 'up']],
          undo: [['ip', 'link', 'set', veth.ifname, 'down']],
          risk: 'low',
          riskText: 'only this container is changed',
        },
      ],
    });
  },
});
