import { uplinkMtu } from '../../checks/uplink/uplink-mtu.js';
import { testCheck } from '../helpers/check-cases.js';
import { edited, link, ofFullSize } from '../helpers/edit-evidence.js';
import { recorded } from '../helpers/evidence.js';

testCheck(uplinkMtu, {
  fails: [
    {
      name: 'frames that the next hop drops are limited by the uplink instead',
      evidence: edited(recorded('uplink-frame-exceeds-peer-mtu'), ofFullSize),
      findings: [
        {
          cause: 'uplink-frame-exceeds-peer-mtu',
          place: { link: 'uplink – outside', stage: 'outside', way: 'forward', netns: 'host', device: 'eth0' },
          loses: ['uplink – outside forward'],
          proof: 'control read',
          remedies: [['ip link set dev eth0 mtu 1400']],
        },
      ],
    },
    {
      name: 'a packet that the host turned away is for its sender to make smaller',
      evidence: recorded('nic-mtu-small-df'),
      findings: [
        {
          cause: 'nic-mtu-small-df',
          place: { link: 'bridge – uplink', stage: 'route', way: 'forward', netns: 'host', device: 'eth0' },
          loses: ['bridge – uplink forward'],
          proof: 'read seen',
          remedies: ['instruction'],
        },
      ],
    },
    {
      name: 'where the uplink is large enough, a router outside turned it away',
      evidence: edited(
        recorded('nic-mtu-small-df'),
        link('host', 'eth0', () => ({ mtu: 1500 })),
      ),
      findings: [
        {
          cause: 'uplink-mtu',
          place: { link: 'uplink – outside', stage: 'outside', way: 'forward', netns: 'host', device: 'eth0' },
          loses: ['uplink – outside forward', 'uplink – outside return'],
          proof: 'asked seen',
          remedies: ['instruction'],
        },
      ],
    },
  ],
  passes: [
    {
      name: 'silence for packets of every common size is no limit of a link',
      evidence: edited(recorded('uplink-frame-exceeds-peer-mtu'), (evidence) =>
        ofFullSize({ ...evidence, fullSize: evidence.fullSize && { ...evidence.fullSize, passes: 1000 } } as never),
      ),
      because: 'no smaller packet gets farther',
    },
  ],
  notApplicable: [
    {
      name: 'small packets that may be fragmented say nothing',
      evidence: recorded('textbook'),
      reason: 'the packets may be fragmented',
    },
    {
      name: 'traffic within a bridge meets no uplink',
      evidence: recorded('two-containers'),
      reason: 'the flow does not leave the host',
    },
  ],
});
