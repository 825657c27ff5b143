import { pmtuBlackhole } from '../../checks/uplink/pmtu-blackhole.js';
import { testCheck } from '../helpers/check-cases.js';
import { edited, iptables, link, ofFullSize } from '../helpers/edit-evidence.js';
import { recorded } from '../helpers/evidence.js';

testCheck(pmtuBlackhole, {
  fails: [
    {
      name: 'a rule of OUTPUT keeps the host from saying so',
      evidence: edited(recorded('pmtu-blackhole-host-output-blocked'), ofFullSize),
      findings: [
        {
          cause: 'pmtu-blackhole-host-output-blocked',
          place: {
            link: 'bridge – uplink',
            stage: 'output',
            way: 'return',
            netns: 'host',
            object: 'table ip filter chain OUTPUT rule 1',
          },
          loses: ['bridge – uplink forward'],
          proof: 'read read counted',
          remedies: [['iptables -I OUTPUT 1 -p icmp --icmp-type fragmentation-needed -j ACCEPT']],
        },
      ],
    },
    {
      name: 'a rule of FORWARD drops the word of a router outside',
      evidence: edited(recorded('pmtu-blackhole-fragneeded-filtered'), ofFullSize),
      findings: [
        {
          cause: 'pmtu-blackhole-fragneeded-filtered',
          place: {
            link: 'bridge – uplink',
            stage: 'forward',
            way: 'return',
            netns: 'host',
            object: 'table ip filter chain FORWARD rule 1',
          },
          loses: ['bridge – uplink return'],
          proof: 'seen read counted',
          remedies: [['iptables -I FORWARD 1 -p icmp --icmp-type fragmentation-needed -j ACCEPT']],
        },
      ],
    },
  ],
  passes: [
    {
      name: 'a container that is told can send less',
      evidence: recorded('nic-mtu-small-df'),
      because: 'the container is told that they are too big',
    },
    {
      name: 'where the uplink is large enough and nobody complains, nothing was to be said',
      evidence: edited(
        recorded('pmtu-blackhole-host-output-blocked'),
        ofFullSize,
        link('host', 'eth0', () => ({ mtu: 1500 })),
      ),
      because: 'no router on the way says that they are too big',
    },
    {
      name: 'without the rule the word is not dropped here',
      evidence: edited(
        recorded('pmtu-blackhole-fragneeded-filtered'),
        ofFullSize,
        iptables('host', '*filter\n:FORWARD ACCEPT [0:0]\nCOMMIT\n', 'nft'),
      ),
      because: 'no rule of this host drops that word',
    },
  ],
  notApplicable: [
    {
      name: 'packets that may be fragmented are never too big',
      evidence: recorded('textbook'),
      reason: 'the packets may be fragmented',
    },
    {
      name: 'traffic within a bridge is not routed',
      evidence: recorded('two-containers'),
      reason: 'nothing is routed on this path',
    },
  ],
});
