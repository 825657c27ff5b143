import { hopOf, originLink } from '../../src/model/path-queries.js';
import { defineCheck, fail, notApplicable, pass } from '../define-check.js';

export const macvlanParentDown = defineCheck({
  meta: {
    id: 'macvlan-parent-down',
    code: 'V6710',
    title: "the NIC below the container's macvlan is up",
    covers: ['macvlan-parent-down'],
    requires: ['target.links', 'host.links'],
    references: ['man 8 ip-link (macvlan)'],
  },
  page: {
    meaning: "The container's device stands on a NIC of the host, and that NIC is down: the container has no carrier.",
    path: 'container: macvlan without carrier; the NIC below it is down.',
    decided: 'The device of the container is a macvlan, and the NIC that it stands on is not up.',
    byHand: ['ip -br link show eth0', 'ip netns exec NAME ip -br link'],
    origins: ['ip link set eth0 down', 'a network manager that gave the NIC up'],
    fixes: ['ip link set eth0 up'],
    prevention: 'Keep NICs that containers stand on up, also without an address of their own.',
    lab: 'macvlan-parent-down',
  },
  run(artifacts, context) {
    const container = hopOf(context.path, 'container');
    const device = artifacts['target.links'].find(({ ifname }) => ifname === container?.ifname);
    if (device?.kind !== 'macvlan' && device?.kind !== 'macvtap') return notApplicable('the container has no macvlan');
    const below = hopOf(context.path, 'uplink');
    const parent = artifacts['host.links'].find(
      ({ ifname }) => below?.netns === 'host' && ifname === below.ifname && below.ifindex === device.peerIndex,
    );
    if (!parent) return notApplicable('the device below the macvlan is not known');
    if (parent.flags.includes('UP')) return pass(`${parent.ifname} is up`);
    const link = originLink(context.path);
    return fail({
      cause: 'macvlan-parent-down',
      title: `${parent.ifname}, on which the container's ${device.ifname} stands, is down`,
      place: { link: link.id, stage: 'qdisc', way: 'forward', netns: 'host', device: parent.ifname },
      loses: [{ link: link.id, way: 'forward' }],
      proof: [
        {
          kind: 'read',
          text: `${parent.ifname} lacks the UP flag`,
          command: ['ip', '-br', 'link', 'show', parent.ifname],
        },
        { kind: 'read', text: `${device.ifname} of the container: ${device.flags.join(' ')}` },
      ],
      remedies: [
        {
          kind: 'runtime',
          title: `set ${parent.ifname} up`,
          netns: 'host',
          commands: [['ip', 'link', 'set', parent.ifname, 'up']],
          undo: [['ip', 'link', 'set', parent.ifname, 'down']],
          risk: 'low',
          riskText: "the host's own routes by it may come back as well",
        },
      ],
    });
  },
});
