import { brNfCallIptables0Service } from '../../checks/bridge/br-nf-call-iptables-0-service.js';
import { testCheck } from '../helpers/check-cases.js';
import { artifact, edited, iptables, sysctl } from '../helpers/edit-evidence.js';
import { recorded } from '../helpers/evidence.js';

const KEY = 'net.bridge.bridge-nf-call-iptables';

/** The service's rule, and one that translates the source as `--masquerade-all` does. */
const MASQUERADED = `*nat
:PREROUTING ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
-A PREROUTING -d 10.96.0.10/32 -p tcp -m tcp --dport 80 -j DNAT --to-destination 192.168.0.3:80
-A POSTROUTING -j MASQUERADE
COMMIT
`;

const found = {
  cause: 'br-nf-call-iptables-0-service',
  place: {
    link: 'veth-host – bridge',
    stage: 'bridge-forward',
    way: 'return',
    netns: 'host',
    device: 'br0',
    object: KEY,
  },
  loses: ['socket – container return', 'veth-host – bridge return'],
  proof: 'read read counted seen',
} as const;

testCheck(brNfCallIptables0Service, {
  fails: [
    {
      name: 'answers of a neighbour on the bridge are not translated back',
      evidence: recorded('br-nf-call-iptables-0-service'),
      findings: [{ ...found, remedies: [[`sysctl -w ${KEY}=1`]] }],
    },
    {
      name: 'without br_netfilter there is nothing to set: the module has to be loaded first',
      evidence: edited(
        recorded('br-nf-call-iptables-0-service'),
        artifact('host', 'sysctls', ({ [KEY]: _, ...others }) => others),
      ),
      findings: [{ ...found, remedies: ['instruction'] }],
    },
  ],
  passes: [
    {
      name: 'with the setting they meet conntrack on the bridge',
      evidence: edited(recorded('br-nf-call-iptables-0-service'), sysctl('host', KEY, '1')),
      because: `${KEY} = 1`,
    },
  ],
  notApplicable: [
    {
      name: 'with a translated source the answer comes back by the host',
      evidence: edited(recorded('br-nf-call-iptables-0-service'), iptables('host', MASQUERADED, 'nft')),
      reason: 'no rule leads the packets back to the bridge that they came by',
    },
    {
      name: 'what leaves the host does not come back to the bridge',
      evidence: recorded('textbook'),
      reason: 'no rule leads the packets back to the bridge that they came by',
    },
  ],
});
