import { tcpPawsTimestamps } from '../../checks/container/tcp-paws-timestamps.js';
import { testCheck } from '../helpers/check-cases.js';
import { artifact, type Edit, edited, flow, sysctl } from '../helpers/edit-evidence.js';
import { recorded } from '../helpers/evidence.js';

const rose = (name: string, by: number): Edit =>
  artifact('target', 'counters', (all) => ({ ...all, [`TcpExt.${name}`]: (all[`TcpExt.${name}`] ?? 0) + by }), 'after');

const kernelSays =
  (reason: string | null): Edit =>
  (evidence) => ({
    ...evidence,
    kernelDrops: reason === null ? [] : evidence.kernelDrops.map((drop) => ({ ...drop, reason })),
  });

/** Answers that come to the container's device and not to its socket. */
const lost = edited(
  recorded('br-nf-call-iptables-0-service'),
  sysctl('target', 'net.ipv4.tcp_timestamps', '1'),
  kernelSays(null),
);

const finding = {
  cause: 'tcp-paws-timestamps',
  place: { link: 'socket – container', stage: 'socket', way: 'return', netns: 'target' },
  loses: ['socket – container return'],
  remedies: [['ip netns exec net1 sysctl -w net.ipv4.tcp_timestamps=0']],
} as const;

testCheck(tcpPawsTimestamps, {
  fails: [
    {
      name: 'as many answers were refused for their timestamps as are lost',
      evidence: edited(lost, rose('PAWSActive', 3)),
      findings: [{ ...finding, place: { ...finding.place, object: 'TcpExtPAWSActive' }, proof: 'counted' }],
    },
    {
      name: 'a timestamp, in the words of the kernel',
      evidence: edited(recorded('br-nf-call-iptables-0-service'), kernelSays('TCP_RFC7323_PAWS')),
      findings: [{ ...finding, proof: 'inferred', remedies: ['instruction'] }],
    },
    {
      name: 'segments of a connection under way that echo a timestamp which was never sent',
      evidence: edited(
        recorded('br-nf-call-iptables-0-service'),
        sysctl('target', 'net.ipv4.tcp_timestamps', '1'),
        rose('TSEcrRejected', 4),
        kernelSays('TCP_RFC7323_TSECR'),
      ),
      findings: [{ ...finding, place: { ...finding.place, object: 'TcpExtTSEcrRejected' }, proof: 'counted' }],
    },
  ],
  passes: [
    {
      name: 'fewer were refused than are lost',
      evidence: edited(lost, rose('PAWSEstab', 1)),
      because: 'the container refuses no segment for its timestamp',
    },
    ...['PAWSEstab', 'TSEcrRejected'].map((name) => ({
      name: `${name}, which other connections of the container move, rose and the kernel says nothing`,
      evidence: edited(lost, rose(name, 9)),
      because: 'the container refuses no segment for its timestamp',
    })),
    {
      name: 'the kernel names another reason',
      evidence: edited(recorded('br-nf-call-iptables-0-service'), rose('PAWSActive', 3)),
      because: 'the container refuses no segment for its timestamp',
    },
  ],
  notApplicable: [
    {
      name: 'answers that do not come so far',
      evidence: edited(recorded('textbook'), flow({ protocol: 'tcp', port: 80 })),
      reason: 'no answer is lost in the container',
    },
    { name: 'a ping', evidence: recorded('ctr-fw-input-drop'), reason: 'no TCP is asked for' },
  ],
});
