import { ctrTtl1 } from '../../checks/container/ctr-ttl-1.js';
import { testCheck } from '../helpers/check-cases.js';
import { edited, sysctl } from '../helpers/edit-evidence.js';
import { recorded } from '../helpers/evidence.js';

testCheck(ctrTtl1, {
  fails: [
    {
      name: 'a default of 1 ends at the host',
      evidence: recorded('ctr-ttl-1'),
      findings: [
        {
          cause: 'ctr-ttl-1',
          place: {
            link: 'bridge – uplink',
            stage: 'forward',
            way: 'forward',
            netns: 'target',
            object: 'net.ipv4.ip_default_ttl',
          },
          loses: ['bridge – uplink forward'],
          proof: 'read counted seen',
          remedies: [['ip netns exec net1 sysctl -w net.ipv4.ip_default_ttl=64']],
        },
      ],
    },
    {
      name: 'a hop limit of 1 at the device ends at the host',
      evidence: edited(recorded('ipv6'), sysctl('target', 'net.ipv6.conf.eth0.hop_limit', '1')),
      findings: [
        {
          cause: 'ctr-ttl-1',
          place: {
            link: 'bridge – uplink',
            stage: 'forward',
            way: 'forward',
            netns: 'target',
            object: 'net.ipv6.conf.eth0.hop_limit',
          },
          loses: ['bridge – uplink forward'],
          proof: 'read',
          remedies: [['ip netns exec net1 sysctl -w net.ipv6.conf.eth0.hop_limit=64']],
        },
      ],
    },
  ],
  passes: [
    {
      name: 'the usual default passes',
      evidence: recorded('textbook'),
      because: "the container's packets start with a TTL of 64",
    },
    {
      name: "a rule of the host is not the container's doing",
      evidence: recorded('host-ttl-mangle'),
      because: "the container's packets start with a TTL of 64",
    },
    {
      name: 'the setting of all devices decides nothing where the device has its own hop limit',
      evidence: edited(recorded('ipv6'), sysctl('target', 'net.ipv6.conf.all.hop_limit', '1')),
      because: "the container's packets start with a TTL of 64",
    },
    {
      name: 'a default of 2 passes one router',
      evidence: edited(recorded('ctr-ttl-1'), sysctl('target', 'net.ipv4.ip_default_ttl', '2')),
      because: "the container's packets start with a TTL of 2",
    },
  ],
  notApplicable: [
    {
      name: 'traffic within a bridge is not routed',
      evidence: recorded('two-containers'),
      reason: 'nothing is routed on this path',
    },
  ],
});
