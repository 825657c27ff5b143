import { lastRouter, wireLink } from '../../src/model/path-queries.js';
import { defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { uplinkPort } from '../support/bridge-port.js';

export const nicNoCarrier = defineCheck({
  meta: {
    id: 'nic-no-carrier',
    code: 'V6002',
    title: 'the uplink has a carrier',
    covers: ['nic-no-carrier'],
    requires: ['host.links'],
    references: ['man 8 ip-link', 'https://docs.kernel.org/networking/operstates.html'],
  },
  page: {
    meaning: 'The uplink is set up but has no carrier: the cable, the switch port or the other end is down.',
    path: 'FORWARD -> POSTROUTING -> neighbour -> uplink without carrier: dropped. The routes are still there, marked linkdown.',
    decided: 'The uplink has the UP flag but not LOWER_UP, its state is DOWN, and no packet comes back.',
    byHand: ['ip -br link show eth0', 'ethtool eth0', 'ip route'],
    origins: [
      'cable or transceiver',
      'the switch port is shut',
      'the virtual NIC is disconnected in the hypervisor',
      'the other end of a veth pair is down',
    ],
    fixes: ['mend the link', 'sysctl net.ipv4.conf.all.ignore_routes_with_linkdown=1: lets another route take over'],
    prevention: 'Two uplinks, and ignore_routes_with_linkdown.',
    lab: 'nic-no-carrier',
  },
  run(artifacts, context) {
    const router = lastRouter(context.path);
    const port = uplinkPort(context, artifacts['host.links'])?.port;
    const uplink = port ?? artifacts['host.links'].find((link) => link.ifname === router?.oif);
    if (!router || !uplink) return notApplicable('no uplink is on this path');
    if (!uplink.flags.includes('UP')) return notApplicable(`${uplink.ifname} is down`);
    if (uplink.flags.includes('LOWER_UP') || uplink.operstate === 'UP') return pass(`${uplink.ifname} has a carrier`);
    const wire = wireLink(context.path);
    const link = wire?.id ?? router.link;
    return fail({
      cause: 'nic-no-carrier',
      title: `the uplink ${uplink.ifname} has no carrier`,
      place: { link, stage: 'wire', way: 'forward', netns: 'host', device: uplink.ifname },
      loses: [
        { link: router.link, way: 'forward' },
        { link, way: 'forward' },
      ],
      proof: [
        {
          kind: 'read',
          text: `${uplink.ifname} is up without LOWER_UP (state ${uplink.operstate})`,
          command: ['ip', '-br', 'link', 'show', uplink.ifname],
        },
      ],
      remedies: [
        {
          kind: 'instruction',
          title: `nothing on this host can mend it: bring the other end of ${uplink.ifname} up (cable, switch port, virtual switch)`,
          netns: 'host',
          commands: [],
          undo: [],
          risk: 'low',
          riskText: 'nothing is changed here',
        },
      ],
    });
  },
});
