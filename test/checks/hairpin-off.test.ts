import { hairpinOff } from '../../checks/bridge/hairpin-off.js';
import { testCheck } from '../helpers/check-cases.js';
import { bridgePort, edited, iptables, sysctl } from '../helpers/edit-evidence.js';
import { recorded } from '../helpers/evidence.js';

const onPort = {
  place: {
    link: 'veth-host – bridge',
    stage: 'bridge-forward',
    way: 'forward',
    netns: 'host',
    device: 'veth1_p',
  },
  loses: ['veth-host – bridge forward', 'bridge – veth-host forward'],
  proof: 'read read counted',
  remedies: [['bridge link set dev veth1_p hairpin on']],
} as const;

const unmasked = {
  cause: 'svc-hairpin-no-masq',
  place: {
    link: 'bridge – veth-host',
    stage: 'postrouting',
    way: 'forward',
    netns: 'host',
    object: 'table ip nat chain POSTROUTING',
  },
  loses: ['container – service forward'],
  proof: 'read read counted seen',
  remedies: [['iptables -t nat -A POSTROUTING -s 192.168.0.2 -d 192.168.0.2 -p tcp --dport 80 -j MASQUERADE']],
} as const;

testCheck(hairpinOff, {
  fails: [
    {
      name: 'a published address that leads back to the sender needs hairpin at its port',
      evidence: recorded('pub-hairpin-from-container'),
      findings: [{ cause: 'pub-hairpin-from-container', ...onPort }],
    },
    {
      name: 'so does a service whose endpoint is the sender itself',
      evidence: recorded('br-hairpin-off'),
      findings: [{ cause: 'br-hairpin-off', ...onPort }],
    },
    {
      name: 'with hairpin, a packet that keeps its source comes back to its own address',
      evidence: recorded('svc-hairpin-no-masq'),
      findings: [unmasked],
    },
    {
      name: 'both at once are both told',
      evidence: edited(recorded('svc-hairpin-no-masq'), bridgePort('veth1_p', { hairpin: false })),
      findings: [{ cause: 'pub-hairpin-from-container', ...onPort }, unmasked],
    },
  ],
  passes: [
    {
      name: 'without br_netfilter the host routes the packet back to the bridge, which needs no hairpin',
      evidence: edited(
        recorded('pub-hairpin-from-container'),
        sysctl('host', 'net.bridge.bridge-nf-call-iptables', '0'),
      ),
      because: 'what is led back to its sender comes through',
    },
    {
      name: 'a container that takes packets from its own address needs no translation',
      evidence: edited(recorded('svc-hairpin-no-masq'), sysctl('target', 'net.ipv4.conf.eth0.accept_local', '1')),
      because: 'what is led back to its sender comes through',
    },
  ],
  notApplicable: [
    {
      name: 'another container that asks is not the sender itself',
      evidence: recorded('pub-dnat-excludes-bridge'),
      reason: 'no rule leads the packets back to their sender',
    },
    {
      name: 'a rule that cannot be read leads nowhere',
      evidence: edited(
        recorded('pub-hairpin-from-container'),
        iptables('host', '*nat\n:PREROUTING ACCEPT [0:0]\nCOMMIT\n', 'nft'),
      ),
      reason: 'no rule leads the packets back to their sender',
    },
    {
      name: 'what leaves the host is not led back',
      evidence: recorded('textbook'),
      reason: 'no rule leads the packets back to their sender',
    },
  ],
});
