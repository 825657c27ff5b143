import { hostRpFilter } from '../../checks/host/host-rp-filter.js';
import { testCheck } from '../helpers/check-cases.js';
import { edited, sysctl } from '../helpers/edit-evidence.js';
import { recorded } from '../helpers/evidence.js';

testCheck(hostRpFilter, {
  fails: [
    {
      name: 'replies by another uplink than the route to their sender are dropped in strict mode',
      evidence: recorded('host-rp-filter-uplink'),
      findings: [
        {
          cause: 'host-rp-filter-uplink',
          place: {
            link: 'bridge – alternate-uplink',
            stage: 'route',
            way: 'return',
            netns: 'host',
            device: 'eth1',
            object: 'net.ipv4.conf.all.rp_filter, net.ipv4.conf.eth1.rp_filter',
          },
          loses: ['bridge – alternate-uplink return'],
          proof: 'read read counted',
          remedies: [['sysctl -w net.ipv4.conf.eth1.rp_filter=2']],
        },
      ],
    },
    {
      name: 'clients of a published port who come in by another uplink than the route back to them are dropped',
      evidence: recorded('pub-rp-filter-dnat'),
      findings: [
        {
          cause: 'pub-rp-filter-dnat',
          place: {
            link: 'uplink – bridge',
            stage: 'route',
            way: 'forward',
            netns: 'host',
            device: 'eth1',
            object: 'net.ipv4.conf.all.rp_filter, net.ipv4.conf.eth1.rp_filter',
          },
          loses: ['uplink – bridge forward'],
          proof: 'read read counted',
          remedies: [['sysctl -w net.ipv4.conf.eth1.rp_filter=2']],
        },
      ],
    },
    {
      name: 'requests whose sender the host would reach by another device are dropped',
      evidence: recorded('host-rp-filter-container-side'),
      findings: [
        {
          cause: 'host-rp-filter-container-side',
          place: {
            link: 'bridge – uplink',
            stage: 'route',
            way: 'forward',
            netns: 'host',
            device: 'br0',
            object: 'net.ipv4.conf.all.rp_filter, net.ipv4.conf.br0.rp_filter',
          },
          loses: ['bridge – uplink forward'],
          proof: 'read read counted',
          remedies: [['ip route del 192.168.0.2 via 198.51.101.1 dev eth1']],
        },
      ],
    },
  ],
  passes: [
    {
      name: 'symmetric routes pass strict mode',
      evidence: edited(recorded('textbook'), sysctl('host', 'net.ipv4.conf.all.rp_filter', '1')),
      because: 'rp_filter accepts both ways',
    },
    {
      name: 'asymmetric routes pass without the check',
      evidence: recorded('answers-by-second-uplink'),
      because: 'rp_filter accepts both ways',
    },
    {
      name: 'asymmetric routes pass loose mode: the larger value counts',
      evidence: edited(recorded('host-rp-filter-uplink'), sysctl('host', 'net.ipv4.conf.eth1.rp_filter', '2')),
      because: 'rp_filter accepts both ways',
    },
  ],
  notApplicable: [
    {
      name: 'traffic within a bridge is not checked',
      evidence: recorded('two-containers'),
      reason: 'nothing is routed on this path',
    },
  ],
});
