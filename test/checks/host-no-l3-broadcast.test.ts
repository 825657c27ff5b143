import { hostNoL3Broadcast } from '../../checks/host/host-no-l3-broadcast.js';
import { testCheck } from '../helpers/check-cases.js';
import { addRoute, artifact, type Edit, edited, flow, sysctl } from '../helpers/edit-evidence.js';
import { recorded } from '../helpers/evidence.js';

const GROUP = '239.1.2.3';
const BROADCAST = '198.51.100.255';

const to = (destination: string): Edit => flow({ destination, destinationText: destination });
const route = `broadcast ${BROADCAST} dev eth0`;

const healthy = edited(
  recorded('textbook'),
  addRoute('host', {
    table: 'local',
    type: 'broadcast',
    destination: `${BROADCAST}/32`,
    nexthops: [{ dev: 'eth0', gateway: null, weight: 1, flags: [] }],
    text: route,
  }),
  ...['all', 'br0'].flatMap((device) =>
    ['mc_forwarding', 'bc_forwarding'].map((name) => sysctl('host', `net.ipv4.conf.${device}.${name}`, '0')),
  ),
);

const isOn = (name: string): Edit[] => ['all', 'br0'].map((on) => sysctl('host', `net.ipv4.conf.${on}.${name}`, '1'));

const place = { link: 'bridge – uplink', stage: 'route', way: 'forward', netns: 'host', device: 'br0' } as const;
const finding = { place, loses: ['bridge – uplink forward'], remedies: ['instruction'] } as const;

testCheck(hostNoL3Broadcast, {
  fails: [
    {
      name: 'a multicast group, and no multicast router',
      evidence: edited(healthy, to(GROUP)),
      findings: [
        {
          ...finding,
          cause: 'host-multicast-not-forwarded',
          place: { ...place, object: 'net.ipv4.conf.br0.mc_forwarding' },
          proof: 'read asked',
        },
      ],
    },
    {
      name: 'a multicast router that does not serve the bridge of the container',
      evidence: edited(healthy, to(GROUP), sysctl('host', 'net.ipv4.conf.all.mc_forwarding', '1')),
      findings: [
        {
          ...finding,
          cause: 'host-multicast-not-forwarded',
          place: { ...place, object: 'net.ipv4.conf.br0.mc_forwarding' },
          proof: 'read asked',
        },
      ],
    },
    {
      name: 'a group of one link, whatever a multicast router does',
      evidence: edited(healthy, to('224.0.0.251'), ...isOn('mc_forwarding')),
      findings: [{ ...finding, cause: 'host-multicast-not-forwarded', proof: 'inferred asked' }],
    },
    {
      name: 'everybody on the link',
      evidence: edited(healthy, to('255.255.255.255'), ...isOn('bc_forwarding')),
      findings: [{ ...finding, cause: 'host-broadcast-not-forwarded', proof: 'inferred asked' }],
    },
    {
      name: 'everybody in another network',
      evidence: edited(healthy, to(BROADCAST), sysctl('host', 'net.ipv4.conf.br0.bc_forwarding', '1')),
      findings: [
        {
          ...finding,
          cause: 'host-broadcast-not-forwarded',
          place: { ...place, object: 'net.ipv4.conf.all.bc_forwarding' },
          proof: 'read read asked',
        },
      ],
    },
    {
      name: 'an IPv6 group',
      evidence: edited(
        recorded('ipv6'),
        to('ff0e::1234'),
        artifact('host', 'routes', (routes) => routes.filter(({ destination }) => !destination.startsWith('ff'))),
      ),
      findings: [
        {
          ...finding,
          cause: 'host-multicast-not-forwarded',
          place: { ...place, object: 'net.ipv6.conf.all.mc_forwarding' },
          proof: 'read asked',
        },
      ],
    },
  ],
  passes: [
    {
      name: 'a multicast router serves the bridge',
      evidence: edited(healthy, to(GROUP), ...isOn('mc_forwarding')),
      because: 'the host hands on multicast that br0 receives',
    },
    {
      name: 'a host that hands on directed broadcasts',
      evidence: edited(healthy, to(BROADCAST), ...isOn('bc_forwarding')),
      because: 'the host hands on broadcasts that br0 receives',
    },
  ],
  notApplicable: [
    { name: 'one host', evidence: healthy, reason: '203.0.113.5 is the address of one host' },
    {
      name: 'everybody in the network of the container, who need no router',
      evidence: edited(
        healthy,
        addRoute('host', {
          table: 'local',
          type: 'broadcast',
          destination: '192.168.0.255/32',
          nexthops: [{ dev: 'br0', gateway: null, weight: 1, flags: [] }],
          text: 'broadcast 192.168.0.255 dev br0',
        }),
        to('192.168.0.255'),
      ),
      reason: '192.168.0.255 is for the network that the packets come from',
    },
    {
      name: 'a path without a router',
      evidence: edited(recorded('macvlan'), to(GROUP)),
      reason: 'the host does not forward the packets on this path',
    },
  ],
});
