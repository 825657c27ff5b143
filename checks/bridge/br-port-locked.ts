import { originLink } from '../../src/model/path-queries.js';
import { stepsOf } from '../../src/routing/flow-walk-types.js';
import { defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { ownPort } from '../support/bridge-port.js';
import { BRIDGE_TURN } from '../support/bridge-turns.js';

export const brPortLocked = defineCheck({
  meta: {
    id: 'br-port-locked',
    code: 'V2106',
    title: 'the bridge port is not locked',
    covers: ['br-port-locked'],
    requires: ['host.bridgePorts'],
    references: ['man 8 bridge (locked)', 'https://docs.kernel.org/networking/bridge.html'],
  },
  page: {
    meaning: "The bridge port of the container is locked, and the container's MAC address is not authorised on it.",
    path: 'eth0 -> its bridge port: locked, and no forwarding entry for the source MAC, so the frame (ARP too) is dropped.',
    decided:
      'The port has "locked on", the forwarding database has no entry for the MAC on that port, and the frames end there.',
    byHand: ['bridge -d link show dev VETH', 'bridge fdb show brport VETH', 'ip -n NETNS -br link show eth0'],
    origins: [
      '802.1X or MAC authentication on the bridge (hostapd)',
      'a hardening script',
      'the container got another MAC',
    ],
    fixes: [
      'bridge fdb replace MAC dev VETH master static: authorises this MAC alone',
      'bridge link set dev VETH locked off: takes the lock off',
    ],
    prevention: 'Let the program that locks ports also authorise those that it starts.',
    lab: 'br-port-locked',
  },
  run(artifacts, context) {
    const own = ownPort(context, artifacts['host.bridgePorts']);
    if (!own) return notApplicable('the container is on no bridge');
    const { port, link } = own;
    if (!port.locked) return pass(`${port.ifname} is not locked`);
    const refused = stepsOf(context.walk, 'bridge').some((step) => step.way === 'forward' && step.outcome === 'drop');
    if (!refused) return pass(`${port.ifname} is locked and knows the MAC of the container`);
    return fail({
      cause: 'br-port-locked',
      title: `bridge port ${port.ifname} is locked for the container's MAC`,
      place: {
        link,
        stage: 'bridge-forward',
        turn: BRIDGE_TURN.lock,
        way: 'forward',
        netns: 'host',
        device: port.ifname,
      },
      loses: [
        { link, way: 'forward' },
        { link: originLink(context.path).id, way: 'forward' },
      ],
      proof: [
        {
          kind: 'read',
          text: `${port.ifname}: locked on, and no forwarding entry for the MAC of the container`,
          command: ['bridge', '-d', 'link', 'show', 'dev', port.ifname],
        },
      ],
      remedies: [
        {
          kind: 'runtime',
          title: `take the lock off ${port.ifname}`,
          netns: 'host',
          commands: [['bridge', 'link', 'set', 'dev', port.ifname, 'locked', 'off']],
          undo: [['bridge', 'link', 'set', 'dev', port.ifname, 'locked', 'on']],
          risk: 'medium',
          riskText: 'any MAC address may then send by this port; the lock may be meant',
        },
      ],
    });
  },
});
