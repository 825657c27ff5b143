import { conntrackFull } from '../../checks/netfilter/conntrack-full.js';
import { testCheck } from '../helpers/check-cases.js';
import { artifact, type Edit, edited, sysctl } from '../helpers/edit-evidence.js';
import { recorded } from '../helpers/evidence.js';

/** Counters of conntrack during the probe. */
const counted = (change: Readonly<Record<string, number>>): Edit =>
  artifact('host', 'counters', (all) => ({ ...all, ...change }), 'after');

const full: Edit = (evidence) =>
  sysctl(
    'host',
    'net.netfilter.nf_conntrack_count',
    '262144',
  )(sysctl('host', 'net.netfilter.nf_conntrack_max', '262144')(evidence));

const tableFull = {
  cause: 'nf-conntrack-full',
  place: {
    link: 'veth-host – bridge',
    stage: 'bridge-forward',
    way: 'forward',
    netns: 'host',
    object: 'net.netfilter.nf_conntrack_max',
  },
  loses: ['veth-host – bridge forward'],
  remedies: [['sysctl -w net.netfilter.nf_conntrack_max=524288']],
} as const;

const fewPorts = (target: string) =>
  ({
    cause: 'nf-masq-port-exhaustion',
    place: {
      link: 'bridge – uplink',
      stage: 'postrouting',
      way: 'forward',
      netns: 'host',
      object: 'table ip nat chain POSTROUTING rule 1',
    },
    loses: ['bridge – uplink forward'],
    proof: 'read counted',
    remedies: [
      [`iptables -t nat -I POSTROUTING 1 -s 192.168.0.2 -d 203.0.113.5 -o eth0 -p udp --dport 7777 -j ${target}`],
    ],
  }) as const;

testCheck(conntrackFull, {
  fails: [
    {
      name: 'a full table, at the port of a bridge that passes its frames to iptables',
      evidence: recorded('nf-conntrack-full'),
      findings: [{ ...tableFull, proof: 'read counted' }],
    },
    {
      name: 'no free port for MASQUERADE',
      evidence: recorded('nf-masq-port-exhaustion'),
      findings: [fewPorts('MASQUERADE')],
    },
    {
      name: 'a rule that gives another address keeps it',
      evidence: edited(
        recorded('nf-masq-port-exhaustion'),
        artifact('host', 'iptablesNft', (text) =>
          text.replace('-j MASQUERADE --to-ports 40000-40001', '-j SNAT --to-source 198.51.100.10:40000-40001'),
        ),
      ),
      findings: [fewPorts('SNAT --to-source 198.51.100.10')],
    },
    {
      name: 'no free port, where the table is full as well by now',
      evidence: edited(recorded('nf-masq-port-exhaustion'), full),
      findings: [fewPorts('MASQUERADE')],
    },
    {
      name: 'a table without any room, where the probe did not get',
      evidence: edited(recorded('ctr-fw-output-drop'), full),
      findings: [{ ...tableFull, proof: 'read' }],
    },
  ],
  passes: [
    {
      name: 'a drop that a capture shows elsewhere is none of a full table',
      evidence: edited(recorded('ctr-fw-output-drop'), counted({ 'Conntrack.drop': 9 })),
      because: 'what conntrack dropped during the probe is not what is lost',
    },
    {
      name: 'drops of a table with room have another reason',
      evidence: edited(recorded('nf-conntrack-full'), sysctl('host', 'net.netfilter.nf_conntrack_max', '1048576')),
      because: 'conntrack dropped packets during the probe, and its table is not full',
    },
    {
      name: 'a table without a limit is never full',
      evidence: edited(recorded('nf-conntrack-full'), sysctl('host', 'net.netfilter.nf_conntrack_max', '0')),
      because: 'conntrack dropped packets during the probe, and its table is not full',
    },
    {
      name: 'insertions that fail are not blamed on a rule that may use every port',
      evidence: edited(
        recorded('nf-masq-port-exhaustion'),
        artifact('host', 'iptablesNft', (text) => text.replace(' --to-ports 40000-40001', '')),
      ),
      because: 'conntrack dropped packets during the probe, and its table is not full',
    },
    {
      name: 'fewer drops than probes are those of others',
      evidence: edited(recorded('nf-docker-user-drop'), counted({ 'Conntrack.drop': 1 })),
      because: 'what conntrack dropped during the probe is not what is lost',
    },
    {
      name: 'drops of conntrack are not what is lost outside of the host',
      evidence: edited(recorded('uplink-upstream-drops'), counted({ 'Conntrack.drop': 9 })),
      because: 'what conntrack dropped during the probe is not what is lost',
    },
  ],
  notApplicable: [
    {
      name: 'a full table that counted nothing of what is lost on its own link',
      evidence: edited(recorded('br-ebtables-input-drop'), full),
      reason: 'conntrack of the host dropped nothing during the probe',
    },
    {
      name: 'a table that is nearly full, where the probe did not get',
      evidence: edited(
        recorded('ctr-fw-output-drop'),
        full,
        sysctl('host', 'net.netfilter.nf_conntrack_count', '262143'),
      ),
      reason: 'conntrack of the host dropped nothing during the probe',
    },
    { name: 'a flow that loses nothing', evidence: recorded('textbook'), reason: 'nothing is lost' },
    {
      name: 'a loss of which conntrack counted nothing',
      evidence: recorded('nf-docker-user-drop'),
      reason: 'conntrack of the host dropped nothing during the probe',
    },
  ],
});
