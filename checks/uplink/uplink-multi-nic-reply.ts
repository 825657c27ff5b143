import { hopOf, linkById } from '../../src/model/path-queries.js';
import { stepsOf } from '../../src/routing/flow-walk-types.js';
import { defineCheck, fail, notApplicable, pass } from '../define-check.js';

const DEFAULTS = ['0.0.0.0/0', '::/0'];

export const uplinkMultiNicReply = defineCheck({
  meta: {
    id: 'uplink-multi-nic-reply',
    code: 'V6005',
    title: 'answers leave by the uplink that the request came in by',
    covers: ['uplink-multi-nic-reply'],
    inbound: 'only',
    requires: ['host.links'],
    references: ['man 8 ip-rule', 'man 8 iptables-extensions (CONNMARK)', 'RFC 3704'],
  },
  page: {
    meaning:
      'The request comes in by one uplink and the answer leaves by another, the one of the default route: there it is dropped, since its source does not belong to that network.',
    path: 'uplink 2 -> DNAT -> bridge -> container -> bridge -> route look-up: the default route, uplink 1 -> a router that checks sources (uRPF), or a firewall that never saw the request.',
    decided:
      'The answers are seen on the bridge and not on the uplink by which the requests came, and the route to the client, the default one, names another uplink.',
    byHand: ['ip route get CLIENT from CONTAINER-ADDRESS iif BRIDGE', 'tcpdump -p -ni any host CLIENT'],
    origins: [
      'a second NIC or a second public address, with one default route',
      'a VPN or a cellular link as a second way in',
    ],
    fixes: [
      'CONNMARK in mangle PREROUTING for what comes in by the second uplink, ip rule fwmark to a table with its gateway',
      'an address of the first uplink for the published port',
    ],
    prevention: 'A routing table of its own for each uplink, before a port is published on it.',
    lab: 'uplink-multi-nic-reply',
  },
  run(artifacts, context) {
    const { path, located } = context;
    const uplink = hopOf(path, 'uplink');
    const [router] = path.routers;
    const link = router && linkById(path, router.link);
    if (!uplink?.ifname || uplink.netns !== 'host' || link?.from !== uplink.id)
      return notApplicable('the request comes in by no uplink of the host');
    const back = stepsOf(context.walk, 'route').find(({ way, netns }) => way === 'return' && netns === 'host');
    const { dev, route, gateway } = back?.detail.answer ?? {};
    if (!back || !dev) return notApplicable('no route was asked for the answer');
    if (dev === uplink.ifname) return notApplicable(`the answers leave by ${dev} too`);
    const other = artifacts['host.links'].find(({ ifname }) => ifname === dev);
    if (!route || !DEFAULTS.includes(route.destination) || route.table !== 'main')
      return notApplicable('a route of its own leads to the client');
    if (!other?.flags.includes('LOWER_UP') || other.kind === 'bridge')
      return notApplicable(`${dev} is no uplink that works`);
    if (
      stepsOf(context.walk, 'hook').some(
        ({ way, netns, detail }) => way === 'return' && netns === 'host' && detail.walk.drops.length > 0,
      )
    )
      return notApplicable('a rule drops the answers');
    if (located.lost === 0) return pass(`the answers leave by ${dev}, and arrive`);
    if (!located.counts.some((count) => count.return > 0)) return notApplicable('no answer was seen to leave');
    const client = back.detail.query.destination;
    return fail({
      cause: 'uplink-multi-nic-reply',
      title: `requests come in by ${uplink.ifname}, answers leave by ${dev}`,
      place: { link: link.id, stage: 'route', way: 'return', netns: 'host', device: dev, object: route.text },
      loses: [{ link: link.id, way: 'return' }],
      proof: [
        {
          kind: 'read',
          text: `the route to ${client}: ${route.text}`,
          command: ['ip', 'route', 'get', client],
        },
        { kind: 'inferred', text: `what becomes of them behind ${gateway ?? dev} is not seen from this host` },
      ],
      remedies: [
        {
          kind: 'instruction',
          title: `send the answers back by ${uplink.ifname}: mark its connections (iptables -t mangle -A PREROUTING -i ${uplink.ifname} -j CONNMARK --set-mark 0x65), restore the mark on what comes from the container, and ip rule add fwmark 0x65 lookup a table with the gateway of ${uplink.ifname}`,
          netns: 'host',
          commands: [],
          undo: [],
          risk: 'medium',
          riskText: `the answers of every connection that comes in by ${uplink.ifname} take another way`,
        },
      ],
      notes: [
        'another way back is no fault by itself: routers that check sources, and firewalls with a state, drop it',
      ],
    });
  },
});
