import { expect, test } from 'vitest';
import { nfRuleDrop } from '../../checks/netfilter/nf-rule-drop.js';
import { diagnose } from '../../src/engine/diagnose.js';
import { testCheck } from '../helpers/check-cases.js';
import { edited, inNetwork, iptables } from '../helpers/edit-evidence.js';
import { recorded } from '../helpers/evidence.js';

testCheck(nfRuleDrop, {
  fails: [
    {
      name: 'a service for pods of this host alone is named, and lost at the port where its packets are turned back',
      evidence: recorded('svc-etp-local-drop'),
      findings: [
        {
          cause: 'svc-etp-local-drop',
          place: {
            link: 'bridge – uplink',
            stage: 'forward',
            way: 'forward',
            netns: 'host',
            object: 'table ip filter chain FORWARD rule 1',
          },
          loses: ['bridge – uplink forward', 'veth-host – bridge forward'],
          proof: 'read counted',
          remedies: [['iptables -I FORWARD 1 -i br0 -s 192.168.0.2 -j ACCEPT']],
        },
      ],
    },
    {
      name: 'a rule of DOCKER-USER drops the replies',
      evidence: recorded('nf-docker-user-drop'),
      findings: [
        {
          cause: 'nf-docker-user-drop',
          place: {
            link: 'bridge – uplink',
            stage: 'forward',
            way: 'return',
            netns: 'host',
            object: 'table ip filter chain DOCKER-USER rule 1',
          },
          loses: ['bridge – uplink return'],
          proof: 'read counted',
          remedies: [['iptables -I DOCKER-USER 1 -i eth0 -o br0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT']],
        },
      ],
    },
    {
      name: 'a rule against invalid packets that drops an answer says that conntrack saw no request',
      evidence: recorded('nf-invalid-drop-asym'),
      findings: [
        {
          cause: 'nf-invalid-drop-asym',
          place: {
            link: 'bridge – uplink',
            stage: 'forward',
            way: 'return',
            netns: 'host',
            object: 'table ip filter chain FORWARD rule 1',
          },
          loses: ['bridge – uplink return'],
          proof: 'read counted',
          remedies: [['iptables -I FORWARD 1 -i eth0 -o br0 -s 203.0.113.5 -j ACCEPT']],
        },
      ],
    },
    {
      name: 'the isolation of two networks of Docker is named, and the exception goes where Docker leaves it',
      evidence: recorded('nf-docker-isolation'),
      findings: [
        {
          cause: 'nf-docker-isolation',
          place: {
            link: 'bridge – bridge',
            stage: 'forward',
            way: 'forward',
            netns: 'host',
            object: 'table ip filter chain DOCKER-ISOLATION-STAGE-2 rule 1',
          },
          loses: ['bridge – bridge forward'],
          proof: 'read counted',
          remedies: [
            'instruction',
            [
              'iptables -I DOCKER-USER 1 -i br0 -o br1 -s 192.168.0.2 -j ACCEPT',
              'iptables -I DOCKER-USER 1 -i br1 -o br0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
            ],
          ],
        },
      ],
    },
    {
      name: 'the isolation of two networks keeps a container of one from a published port of the other',
      evidence: recorded('pub-isolation-other-bridge'),
      findings: [
        {
          cause: 'pub-isolation-other-bridge',
          place: {
            link: 'bridge – bridge',
            stage: 'forward',
            way: 'forward',
            netns: 'host',
            object: 'table ip filter chain DOCKER-ISOLATION-STAGE-2 rule 1',
          },
          loses: ['bridge – bridge forward'],
          proof: 'read counted',
          remedies: [
            'instruction',
            [
              'iptables -I DOCKER-USER 1 -i br1 -o br0 -s 192.168.1.2 -j ACCEPT',
              'iptables -I DOCKER-USER 1 -i br0 -o br1 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
            ],
          ],
        },
      ],
    },
    {
      name: 'a policy of nftables drops, whatever iptables accepts',
      evidence: recorded('nf-nft-forward-drop'),
      findings: [
        {
          cause: 'nf-nft-forward-drop',
          place: {
            link: 'bridge – uplink',
            stage: 'forward',
            way: 'forward',
            netns: 'host',
            object: 'table inet myfw chain forward policy',
          },
          loses: ['bridge – uplink forward'],
          proof: 'read',
          remedies: [
            [
              'nft insert rule inet myfw forward iifname br0 oifname eth0 ip saddr 192.168.0.2 accept comment "vethoscope"',
              'nft insert rule inet myfw forward iifname eth0 oifname br0 ct state established,related accept comment "vethoscope"',
            ],
          ],
        },
      ],
    },
    {
      name: "a rule in a chain of Calico's is answered in FORWARD, not in its chain",
      evidence: recorded('nf-netpol-default-deny'),
      findings: [
        {
          cause: 'nf-netpol-default-deny',
          place: {
            link: 'bridge – uplink',
            stage: 'forward',
            way: 'forward',
            netns: 'host',
            object: 'table ip filter chain cali-fw-veth1_p rule 1',
          },
          loses: ['bridge – uplink forward'],
          proof: 'read counted',
          remedies: [['iptables -I FORWARD 1 -i br0 -o eth0 -s 192.168.0.2 -j ACCEPT']],
        },
      ],
    },
    {
      name: 'with br_netfilter a rule of FORWARD also drops what a bridge passes on',
      evidence: edited(
        recorded('two-containers'),
        iptables(
          'host',
          '*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n[0:0] -A FORWARD -s 192.168.0.2/32 -j DROP\nCOMMIT\n',
        ),
      ),
      findings: [
        {
          cause: 'br-nf-call-forward-drop',
          place: {
            link: 'veth-host – bridge-port',
            stage: 'forward',
            way: 'forward',
            netns: 'host',
            object: 'table ip filter chain FORWARD rule 1',
          },
          loses: ['veth-host – bridge-port forward'],
          proof: 'read',
          remedies: [['iptables-legacy -I FORWARD 1 -i br0 -s 192.168.0.2 -j ACCEPT']],
        },
      ],
    },
    {
      name: 'a plain rule of FORWARD drops the requests',
      evidence: edited(
        recorded('textbook'),
        iptables(
          'host',
          '*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n[0:0] -A FORWARD -s 192.168.0.0/24 -j DROP\nCOMMIT\n',
        ),
      ),
      findings: [
        {
          cause: 'nf-rule-drop',
          place: {
            link: 'bridge – uplink',
            stage: 'forward',
            way: 'forward',
            netns: 'host',
            object: 'table ip filter chain FORWARD rule 1',
          },
          loses: ['bridge – uplink forward'],
          proof: 'read',
          remedies: [['iptables-legacy -I FORWARD 1 -i br0 -o eth0 -s 192.168.0.2 -j ACCEPT']],
        },
      ],
    },
  ],
  passes: [
    {
      name: 'a host without such rules drops nothing',
      evidence: recorded('textbook'),
      because: 'no firewall rule drops the packets',
    },
    {
      name: 'rules of Docker that accept drop nothing',
      evidence: recorded('docker'),
      because: 'no firewall rule drops the packets',
    },
    {
      name: 'a rule for another network drops nothing',
      evidence: edited(
        recorded('textbook'),
        iptables(
          'host',
          '*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n[0:0] -A FORWARD -s 192.168.9.0/24 -j DROP\nCOMMIT\n',
        ),
      ),
      because: 'no firewall rule drops the packets',
    },
    {
      name: 'a policy of iptables is the business of another check',
      evidence: recorded('nf-forward-policy-drop'),
      because: 'no firewall rule drops the packets',
    },
  ],
  notApplicable: [
    {
      name: 'a container without an interface meets no rule',
      evidence: recorded('veth-deleted'),
      reason: 'no rule of the host is on this path',
    },
  ],
});

test.each(['nf-icc-false', 'nf-docker-user-drop'])(
  'a second network does not help against %s, although the first has no way out',
  (id) => {
    const remediesOf = (internal: boolean) => {
      const docker0 = inNetwork({ bridge: recorded(id).path.routers[0]?.iif ?? 'br0', internal });
      return diagnose(edited(recorded(id), docker0)).findings[0]?.remedies;
    };
    expect(remediesOf(true)).toEqual(remediesOf(false));
    expect(JSON.stringify(remediesOf(true))).not.toContain('network","connect');
  },
);
