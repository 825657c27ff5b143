import { nfCtExpired } from '../../checks/netfilter/nf-ct-expired.js';
import type { Evidence } from '../../src/model/evidence.js';
import type { ConntrackEntry } from '../../src/model/state.js';
import type { TcpSocket } from '../../src/model/traffic.js';
import { testCheck } from '../helpers/check-cases.js';
import { artifact, type Edit, edited, unread } from '../helpers/edit-evidence.js';
import { recorded } from '../helpers/evidence.js';

const evidence = recorded('nf-ct-idle-timeout');

const setting = (name: string, value: string): Edit =>
  artifact('host', 'sysctls', (all) => ({ ...all, [`net.netfilter.nf_conntrack_${name}`]: value }));

const socketOf = ({ traffic }: Evidence): TcpSocket => {
  const socket = traffic?.socket?.before;
  if (!socket) throw new Error('no connection was followed');
  return socket;
};

const silentFor =
  (lastReceivedMs: number): Edit =>
  (whole) => {
    const socket = { ...socketOf(whole), lastReceivedMs };
    return {
      ...whole,
      traffic: { filter: null, flows: [], ...whole.traffic, socket: { before: socket, after: socket } },
    };
  };

const { local, localPort, remote, remotePort } = socketOf(evidence);
const entry: ConntrackEntry = {
  protocol: 'tcp',
  state: 'ESTABLISHED',
  original: { src: local, dst: remote, sport: localPort, dport: remotePort, icmpId: null },
  reply: { src: remote, dst: '198.51.100.10', sport: remotePort, dport: localPort, icmpId: null },
  flags: ['ASSURED'],
  mark: 0,
  text: 'ipv4 2 tcp 6 431999 ESTABLISHED',
};

const LOOSE = 'sysctl -w net.netfilter.nf_conntrack_tcp_loose=1';
const TIMEOUT = 'sysctl -w net.netfilter.nf_conntrack_tcp_timeout_established=432000';

const finding = {
  place: {
    link: 'bridge – uplink',
    stage: 'prerouting',
    way: 'forward',
    netns: 'host',
    object: 'net.netfilter.nf_conntrack_tcp_loose',
  },
  loses: ['uplink – outside return'],
} as const;

testCheck(nfCtExpired, {
  fails: [
    {
      name: 'a connection that was idle for longer than conntrack remembers it',
      evidence,
      findings: [
        { ...finding, cause: 'nf-ct-idle-timeout', proof: 'seen asked read read', remedies: [[LOOSE], [TIMEOUT]] },
      ],
    },
    {
      name: 'an entry that is gone before its time was taken out otherwise: only the group is named',
      evidence: edited(evidence, setting('tcp_timeout_established', '432000'), silentFor(20_000)),
      findings: [{ ...finding, cause: 'nf-ct-expired', proof: 'seen asked read', remedies: [[LOOSE]] }],
    },
  ],
  passes: [
    {
      name: 'a connection that conntrack knows',
      evidence: edited(
        evidence,
        artifact('host', 'conntrack', (state) => ({ ...state, entries: [entry] })),
      ),
      because: 'conntrack of the host knows the connection',
    },
    {
      name: 'a kernel that takes connections up in mid-stream, as it does by default',
      evidence: edited(evidence, setting('tcp_loose', '1')),
      because: 'conntrack takes the connection up in mid-stream',
    },
  ],
  notApplicable: [
    {
      name: 'a probe is no connection that is under way',
      evidence: recorded('nf-missing-masquerade'),
      reason: 'no connection that is under way is followed',
    },
    {
      name: 'a table of conntrack that could not be read says nothing',
      evidence: edited(evidence, unread('host', 'conntrack')),
      reason: 'what conntrack knows was not read',
    },
    {
      name: 'without a rule that translates it the rule is what is missing',
      evidence: edited(
        evidence,
        artifact('host', 'iptablesNft', (text) => text.replace(/^.*MASQUERADE.*\n/gm, '')),
        artifact('host', 'nftables', () => '{"nftables": []}'),
      ),
      reason: 'no rule translates 192.168.0.2',
    },
  ],
});
