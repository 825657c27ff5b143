import { dnsServerUnreachable } from '../../checks/uplink/dns-server-unreachable.js';
import { testCheck } from '../helpers/check-cases.js';
import { control, edited } from '../helpers/edit-evidence.js';
import { recorded } from '../helpers/evidence.js';

testCheck(dnsServerUnreachable, {
  fails: [
    {
      name: 'a server that answers neither the container nor the host',
      evidence: recorded('dns-upstream-blocks-53'),
      findings: [
        {
          cause: 'dns-server-unreachable',
          place: { link: 'uplink – outside', stage: 'outside', way: 'forward', netns: 'host', device: 'eth0' },
          loses: ['uplink – outside forward'],
          proof: 'seen control',
          remedies: ['instruction'],
        },
      ],
    },
    {
      name: 'a server on the link whose address nobody has',
      evidence: recorded('dns-server-unreachable'),
      findings: [
        {
          cause: 'dns-server-unreachable',
          place: {
            link: 'bridge – uplink',
            stage: 'neighbour',
            way: 'forward',
            netns: 'host',
            device: 'eth0',
            object: 'neighbour 198.51.100.53',
          },
          loses: ['bridge – uplink forward'],
          proof: 'read seen control',
          remedies: ['instruction'],
        },
      ],
    },
  ],
  passes: [
    {
      name: 'one that answers the host is there',
      evidence: edited(recorded('dns-upstream-blocks-53'), control(true)),
      because: 'the same probe from the host itself is answered',
    },
  ],
  notApplicable: [
    {
      name: "an address that the host itself was answered from is somebody's",
      evidence: edited(recorded('dns-server-unreachable'), control(true)),
      reason: 'the packets do not reach the uplink',
    },
    {
      name: 'a flow that asks no server',
      evidence: recorded('uplink-upstream-drops'),
      reason: 'the probe asks no DNS server',
    },
  ],
});
