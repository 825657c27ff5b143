import fc from 'fast-check';
import { addLink, addRoute, addRule, artifact, type Edit, edited, sysctl } from './edit-evidence.js';

/** Rules of legacy iptables in FORWARD beside those that are there; an IPv6 flow reads none of them. */
const addForwardRule =
  (rule: string): Edit =>
  (evidence) =>
    evidence.flow.family === 6
      ? evidence
      : artifact('host', 'iptablesLegacy', (text) =>
          text.includes('*filter')
            ? text.replace(/(\*filter[\s\S]*?)COMMIT/, `$1${rule}\nCOMMIT`)
            : `${text}*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n${rule}\nCOMMIT\n`,
        )(evidence);

const octet = fc.integer({ min: 0, max: 254 });
const name = fc.constantFrom('br-other', 'eth7', 'vpn0', 'veth9_p');

/** A network of 10.0.0.0/8, which no network of the lab uses. */
const network = fc.tuple(octet, octet).map(([a, b]) => `10.${a}.${b}.0/24`);

/** Things that look wrong on a host and concern other traffic. */
export const noise: fc.Arbitrary<Edit> = fc
  .array(
    fc.oneof(
      network.map((net) => addForwardRule(`[0:0] -A FORWARD -s ${net} -j DROP`)),
      network.map((net) => addForwardRule(`[0:0] -A FORWARD -d ${net} -j REJECT --reject-with icmp-port-unreachable`)),
      name.map((ifname) => addForwardRule(`[0:0] -A FORWARD -i ${ifname} -j DROP`)),
      name.map((ifname) =>
        addLink('host', 'lo', { ifname, ifindex: 90, kind: 'bridge', flags: ['BROADCAST'], operstate: 'DOWN' }),
      ),
      name.map((ifname) => sysctl('host', `net.ipv4.conf.${ifname}.forwarding`, '0')),
      name.map((ifname) => sysctl('host', `net.ipv4.conf.${ifname}.rp_filter`, '1')),
      fc
        .tuple(fc.constantFrom('host', 'target'), network, fc.constantFrom('blackhole', 'unreachable', 'prohibit'))
        .map(([netns, net, type]) => addRoute(netns, { type, destination: net, text: `${type} ${net}` })),
      fc.tuple(fc.integer({ min: 1, max: 32_000 }), network).map(([priority, net]) =>
        addRule('host', {
          priority,
          source: net,
          action: 'prohibit',
          text: `priority ${priority} from ${net} prohibit`,
        }),
      ),
      network.map((net) =>
        artifact('host', 'neighbours', (entries) => [
          ...entries,
          { family: 4 as const, address: net.replace('0/24', '9'), dev: 'eth0', lladdr: null, states: ['FAILED'] },
        ]),
      ),
    ),
    { minLength: 1, maxLength: 4 },
  )
  .map((edits) => (evidence) => edited(evidence, ...edits));
