import { defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { words } from '../support/commands.js';
import { deadNextHop } from '../support/next-hop.js';
import { routesWithout } from '../support/once-mended.js';
import { askedProof, unansweredProof } from '../support/proofs.js';

export const hostDefaultRouteViaVeth = defineCheck({
  meta: {
    id: 'host-default-route-via-veth',
    code: 'V3011',
    title: "the host's default route does not lead to a container",
    covers: ['host-default-route-via-veth'],
    requires: ['host.links', 'host.routes'],
    references: ['man 5 dhcpcd.conf (denyinterfaces)', 'RFC 3927'],
  },
  page: {
    meaning:
      "The host's default route leads by the veth of a container: everything for the outside is asked for there.",
    path: 'bridge -> route look-up: default dev VETH, no gateway -> ARP for the destination itself on the veth, no answer.',
    decided:
      'The route that the packet takes is a default route without a gateway, its device is the host end of a veth pair, and ARP stays unanswered there.',
    byHand: ['ip route show default', 'ip -br addr | grep 169.254'],
    origins: [
      'dhcpcd, avahi-autoipd or connman that set up every new interface (169.254.0.0/16)',
      'NetworkManager with an auto profile for any Ethernet device',
    ],
    fixes: ['ip route del default dev VETH: at once', 'denyinterfaces veth* in /etc/dhcpcd.conf: lasting'],
    prevention: 'Exclude veth* and bridges of containers from DHCP clients.',
    lab: 'host-default-route-via-veth',
  },
  run(artifacts, context) {
    const dead = deadNextHop(context, artifacts['host.links']);
    const route = dead?.step.detail.answer.route ?? null;
    if (!dead || !route) return notApplicable('the next hop of the host is not silent');
    const isDefault = route.destination === '0.0.0.0/0' || route.destination === '::/0';
    if (!isDefault || !dead.onLink || dead.link?.kind !== 'veth' || dead.link.master === null)
      return pass('the route leads to no container');
    const other = artifacts['host.routes'].find(
      (one) => one.destination === route.destination && one.table === route.table && one.text !== route.text,
    );
    const product = fail({
      cause: 'host-default-route-via-veth',
      title: `the default route leads by ${dead.device}, the veth of a container`,
      place: {
        link: dead.step.link,
        stage: 'route',
        way: 'forward',
        netns: 'host',
        device: dead.device,
        object: route.text,
      },
      loses: [{ link: dead.step.link, way: 'forward' }],
      proof: [
        { kind: 'read', text: route.text, command: ['ip', 'route', 'show', 'default'] },
        ...askedProof(context, 'route-forward', 'host'),
        ...unansweredProof(context, dead.address),
      ],
      remedies: [
        {
          kind: 'runtime',
          title: other ? `delete that route; "${other.text}" remains` : 'delete that route',
          netns: 'host',
          commands: [['ip', 'route', 'del', ...words(route.text)]],
          undo: [['ip', 'route', 'add', ...words(route.text)]],
          risk: 'low',
          riskText: 'it comes back when the DHCP client runs again: exclude veth* there',
        },
      ],
    });
    return { ...product, onceMended: routesWithout(route) };
  },
});
