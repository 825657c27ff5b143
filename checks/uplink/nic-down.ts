import type { Finding } from '../../src/model/finding.js';
import type { LinkState } from '../../src/model/state.js';
import { stepsOf } from '../../src/routing/flow-walk-types.js';
import { defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { uplinkPort } from '../support/bridge-port.js';
import { askedProof, countedProof } from '../support/proofs.js';
import { seenErrorProof } from '../support/seen-errors.js';
import { whyNoRoute } from '../support/uplinks.js';

export const nicDown = defineCheck({
  meta: {
    id: 'nic-down',
    code: 'V6001',
    title: 'the uplink is up and has an address',
    covers: ['nic-down', 'nic-no-ip'],
    requires: ['host.links', 'host.addresses', 'host.routes'],
    references: ['man 8 ip-link', 'man 8 ip-address'],
  },
  page: {
    meaning: "The host's uplink is down or has no address; its routes went with it.",
    path: 'bridge -> PREROUTING -> route look-up: no route. The kernel answers "net unreachable" (rate limited).',
    decided:
      'The look-up for this very packet finds no route, and no interface that could lead outside is both up and has an address.',
    byHand: ['ip -br link', 'ip -br addr', 'ip route'],
    origins: [
      'ifdown, or an interface that was set down by hand',
      'a DHCP lease that ran out',
      'a network restart that failed half-way',
    ],
    fixes: ['ip link set NIC up, then the network service (DHCP, networkd, NetworkManager) for address and routes'],
    prevention: 'Monitor the uplink; carry out network changes with a roll-back timer.',
    lab: 'nic-down',
  },
  run(artifacts, context) {
    const route = stepsOf(context.walk, 'route').find((step) => step.netns === 'host' && step.way === 'forward');
    if (!route) return notApplicable('nothing is routed on this path');
    const { outcome, dev } = route.detail.answer;
    const port = uplinkPort(context, artifacts['host.links'])?.port;
    if (port && !port.flags.includes('UP')) return fail(portDown(route.link, port));
    if (outcome !== 'no-route')
      return dev === null
        ? notApplicable(`the host's route is of the type ${outcome}`)
        : pass(`the host's route leads to ${dev}`);
    const why = whyNoRoute(context, artifacts['host.links'], artifacts['host.addresses']);
    if (why.kind === 'no-route') return pass('an uplink is up and has an address');
    const names = why.links.map((link) => link.ifname);
    const [first = '?'] = names;
    const down = why.kind === 'down';
    const finding: Finding = {
      cause: down ? 'nic-down' : 'nic-no-ip',
      title: down ? `the uplink ${names.join(', ')} is down` : `the uplink ${names.join(', ')} has no address`,
      place: { link: route.link, stage: 'route', way: 'forward', netns: 'host', device: first },
      loses: [{ link: route.link, way: 'forward' }],
      proof: [
        {
          kind: 'read',
          text: down ? `${first} lacks the UP flag` : `${first} is up, without a global address`,
          command: ['ip', '-br', 'addr', 'show', first],
        },
        { kind: 'read', text: 'no route covers the destination', command: ['ip', 'route'] },
        ...askedProof(context, 'route-forward', 'host'),
        ...countedProof(context, 'host', 'IpExt.InNoRoutes'),
        ...seenErrorProof(context, 3),
      ],
      remedies: down
        ? [
            {
              kind: 'runtime',
              title: `set ${first} up, then let its network service bring address and routes back`,
              netns: 'host',
              commands: [['ip', 'link', 'set', first, 'up']],
              undo: [['ip', 'link', 'set', first, 'down']],
              risk: 'medium',
              riskText: 'the whole host gets this network back; the default route may have to be added by its service',
            },
          ]
        : [
            {
              kind: 'instruction',
              title: `let the network service of ${first} get an address (DHCP), or add address and default route by hand`,
              netns: 'host',
              commands: [],
              undo: [],
              risk: 'medium',
              riskText: 'an address that another machine has breaks both',
            },
          ],
    };
    return fail(finding);
  },
});

/** The routes stay, by the bridge above it, which has no carrier then. */
const portDown = (link: string, { ifname, master }: LinkState): Finding => ({
  cause: 'nic-down',
  title: `${ifname}, the port of the uplink ${master}, is down`,
  place: { link, stage: 'qdisc', way: 'forward', netns: 'host', device: ifname },
  loses: [{ link, way: 'forward' }],
  proof: [
    {
      kind: 'read',
      text: `${ifname} lacks the UP flag`,
      command: ['ip', '-br', 'link', 'show', 'master', master ?? ''],
    },
  ],
  remedies: [
    {
      kind: 'runtime',
      title: `set ${ifname} up`,
      netns: 'host',
      commands: [['ip', 'link', 'set', ifname, 'up']],
      undo: [['ip', 'link', 'set', ifname, 'down']],
      risk: 'medium',
      riskText: 'the whole host gets this network back',
    },
  ],
});
