import { brMtu } from '../../checks/bridge/br-mtu.js';
import { testCheck } from '../helpers/check-cases.js';
import { artifact, edited } from '../helpers/edit-evidence.js';
import { recorded } from '../helpers/evidence.js';

testCheck(brMtu, {
  fails: [
    {
      name: 'a port that takes less than the packets have is named',
      evidence: recorded('br-mtu-smaller-than-port-c2c'),
      findings: [
        {
          cause: 'br-mtu-smaller-than-port-c2c',
          place: {
            link: 'veth-host – bridge-port',
            stage: 'bridge-forward',
            way: 'forward',
            netns: 'host',
            device: 'veth2_p',
          },
          loses: ['veth-host – bridge-port forward'],
          proof: 'read read',
          remedies: [['ip link set dev veth2_p mtu 1500', 'ip -n net2 link set dev eth0 mtu 1500']],
        },
      ],
    },
    {
      name: 'a port that is not the only small one of its bridge is left to a person',
      evidence: edited(
        recorded('br-mtu-smaller-than-port-c2c'),
        artifact('host', 'links', (links) => [
          ...links,
          ...links
            .filter(({ ifname }) => ifname === 'veth2_p')
            .map((link) => ({ ...link, ifname: 'veth3_p', ifindex: 99 })),
        ]),
      ),
      findings: [
        {
          cause: 'br-mtu-smaller-than-port-c2c',
          place: {
            link: 'veth-host – bridge-port',
            stage: 'bridge-forward',
            way: 'forward',
            netns: 'host',
            device: 'veth2_p',
          },
          loses: ['veth-host – bridge-port forward'],
          proof: 'read read',
          remedies: ['instruction'],
        },
      ],
    },
  ],
  passes: [
    {
      name: 'a port that takes as much as they have is right',
      evidence: edited(
        recorded('br-mtu-smaller-than-port-c2c'),
        artifact('host', 'links', (links) =>
          links.map((link) => (link.ifname === 'veth2_p' ? { ...link, mtu: 1185 } : link)),
        ),
      ),
      because: 'veth2_p takes packets of 1185 bytes',
    },
  ],
  notApplicable: [
    {
      name: 'a packet that is routed leaves by no port of the bridge',
      evidence: recorded('textbook'),
      reason: 'the packets go from no port of a bridge to another',
    },
  ],
});
