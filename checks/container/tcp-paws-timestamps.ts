import type { Proof, Remedy } from '../../src/model/finding.js';
import { originLink } from '../../src/model/path-queries.js';
import { type CheckContext, defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { inside } from '../support/commands.js';

const KEY = 'net.ipv4.tcp_timestamps';

/** Of a SYN/ACK. */
const OF_ANSWER = ['PAWSActive'] as const;
/** Of connections under way too, which are other programs' unless one of them is what we follow, or the kernel says that they are ours. */
const COUNTERS = [...OF_ANSWER, 'PAWSEstab', 'TSEcrRejected'] as const;

/** The kernel's reasons for a segment that it refuses for its timestamp. */
const REASON = /^TCP_RFC7323_/;

export const tcpPawsTimestamps = defineCheck({
  meta: {
    id: 'tcp-paws-timestamps',
    code: 'V1514',
    title: 'the timestamps of the TCP segments that come back are accepted',
    covers: ['tcp-paws-timestamps'],
    requires: ['target.sysctls'],
    references: ['RFC 7323 (section 5, PAWS)', 'https://docs.kernel.org/networking/snmp_counter.html'],
  },
  page: {
    meaning:
      'The answers reach the container, and its TCP refuses them for their timestamp option: it echoes one that was never sent, or is older than the last.',
    path: 'eth0 of the container -> INPUT -> TCP: the timestamp of the SYN/ACK does not fit -> dropped, and a reset is sent.',
    decided:
      "The captures see the answers on the container's device, and PAWSActive of the container (of a connection under way also PAWSEstab or TSEcrRejected) rises by one for each that is lost, or the kernel gives a timestamp as the reason of its drop.",
    byHand: [
      'nsenter -t PID -n nstat -az TcpExtPAWSActive TcpExtPAWSEstab TcpExtTSEcrRejected',
      'tcpdump -p -nvi eth0 tcp: TS val and ecr of SYN and SYN/ACK',
      `sysctl ${KEY}`,
    ],
    origins: [
      'a firewall, load balancer or scrubber on the way that rewrites timestamps one way alone',
      'several servers behind one address, whose clocks of timestamps differ, and a router that mixes them up',
      'tcp_tw_recycle of a server before Linux 4.12, which refused clients behind one NAT',
    ],
    fixes: [
      `sysctl -w ${KEY}=0 in the container: at once; its connections use no timestamps, which are then not protected against wrapped sequence numbers`,
      'the middlebox: the lasting way',
    ],
    prevention: 'Let middleboxes strip the option from the SYN, or leave it alone, and not change it.',
    lab: null,
  },
  run(artifacts, context) {
    const { flow, located, kernelDrops } = context;
    if (flow.protocol !== 'tcp') return notApplicable('no TCP is asked for');
    const { id: link } = originLink(context.path);
    if (located.way !== 'return' || located.returnBreak?.link !== link)
      return notApplicable('no answer is lost in the container');
    const told = kernelDrops.filter((drop) => drop.link === link && drop.way === 'return');
    const refused = told.filter(({ reason }) => REASON.test(reason));
    const counters = context.socket !== null || refused.length > 0 ? COUNTERS : OF_ANSWER;
    const moved = counters.map((name) => ({ name, by: context.delta('target', `TcpExt.${name}`) ?? 0 }));
    const counter = moved.find(({ by }) => by > 0 && by >= located.lost);
    if (told.length > refused.length || (counter === undefined && refused.length === 0))
      return pass('the container refuses no segment for its timestamp');
    return fail({
      cause: 'tcp-paws-timestamps',
      title: `the container's TCP refuses the answers for their timestamps${counter ? `: ${counter.name} rose by ${counter.by}` : ''}`,
      place: {
        link,
        stage: 'socket',
        way: 'return',
        netns: 'target',
        ...(counter ? { object: `TcpExt${counter.name}` } : {}),
      },
      loses: [{ link, way: 'return' }],
      proof: [counter ? countedBy(context, counter) : SAID],
      remedies: [remedyOf(context, artifacts['target.sysctls'][KEY])],
      notes: ['something between the server and this container changes the timestamps: its owner has the lasting fix'],
    });
  },
});

const SAID: Proof = { kind: 'inferred', text: 'the reason that the kernel gives for its drop is a timestamp' };

const countedBy = ({ netns }: CheckContext, { name, by }: { readonly name: string; readonly by: number }): Proof => ({
  kind: 'counted',
  text: `TcpExt${name} of the container rose by ${by} during the probe`,
  command: inside(netns('target'), ['nstat', '-az', `TcpExt${name}`]),
});

const remedyOf = ({ netns }: CheckContext, now: string | undefined): Remedy => {
  const isOn = now !== undefined && now !== '0';
  const set = (to: string) => inside(netns('target'), ['sysctl', '-w', `${KEY}=${to}`]);
  return {
    kind: isOn ? 'runtime' : 'instruction',
    title: isOn
      ? 'let the container use no timestamps (gone when it is started again)'
      : 'ask those who run what is between this host and the server: something there changes TCP timestamps',
    netns: 'target',
    commands: isOn ? [set('0')] : [],
    undo: isOn ? [set(now)] : [],
    risk: isOn ? 'medium' : 'low',
    riskText: isOn
      ? 'fast connections of the container lose the protection against wrapped sequence numbers, and measure the delay less often'
      : 'nothing is changed here',
  };
};
