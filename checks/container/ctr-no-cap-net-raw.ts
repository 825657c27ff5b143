import { originLink } from '../../src/model/path-queries.js';
import { defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { inside } from '../support/commands.js';

const KEY = 'net.ipv4.ping_group_range';
const EVERYBODY = '0 2147483647';

export const ctrNoCapNetRaw = defineCheck({
  meta: {
    id: 'ctr-no-cap-net-raw',
    code: 'V1021',
    title: "the container's own processes may send pings",
    covers: ['ctr-no-cap-net-raw'],
    requires: ['target.sysctls'],
    ofProcess: true,
    references: ['man 7 capabilities', 'man 7 icmp (ping_group_range)'],
  },
  page: {
    meaning: 'The network is whole, and a ping inside the container fails: its processes may open no socket for ICMP.',
    path: 'socket(): a raw one needs CAP_NET_RAW, one for echo alone a group within ping_group_range. Refused before there is a packet.',
    decided:
      "Our own probe is answered. The target's process has no CAP_NET_RAW, no program that it starts can get it (bounding set, NoNewPrivs), and none of its groups lies within ping_group_range.",
    byHand: [
      'grep -E "Cap(Eff|Bnd)|NoNewPrivs|Gid|Groups" /proc/PID/status',
      'capsh --decode=CAPEFF',
      'sysctl net.ipv4.ping_group_range',
    ],
    origins: [
      'docker run --cap-drop ALL, or securityContext.capabilities.drop: [ALL]',
      'a runtime that leaves ping_group_range at the default of the kernel, "1 0": nobody',
    ],
    fixes: [
      'sysctl -w net.ipv4.ping_group_range="0 2147483647" in the container: pings without a capability',
      '--cap-add NET_RAW: also forged packets, so rather the first',
      'a ping whose file has a capability (getcap) that its container has not is refused at exec all the same: setcap -r',
      'nothing: ask with TCP what the service itself uses',
    ],
    prevention:
      'docker run --sysctl net.ipv4.ping_group_range="0 2147483647"; never take a failed ping for a network fault alone.',
    lab: 'ctr-no-cap-net-raw',
  },
  run(artifacts, context) {
    const { flow, process, target } = context;
    if (process === null) return notApplicable('the target is no process');
    if (flow.protocol !== 'icmp') return notApplicable('only pings need a socket for ICMP');
    const text = artifacts['target.sysctls'][KEY]?.trim().replace(/\s+/, ' ');
    const [low, high] = text?.split(' ').map(Number) ?? [];
    if (text === undefined || low === undefined || high === undefined) return notApplicable(`${KEY} was not read`);
    if (process.rawSockets === 'yes') return pass(`process ${process.pid} has CAP_NET_RAW`);
    if (process.groups.some((group) => low <= group && group <= high))
      return pass(`process ${process.pid} has no CAP_NET_RAW, and a group of it may ping (${KEY} ${text})`);
    if (process.rawSockets === 'by-file')
      return pass(`process ${process.pid} has no CAP_NET_RAW, and may start a ping that has it`);
    const link = originLink(context.path);
    const netns = context.netns('target');
    const where = { link: link.id, way: 'forward' as const };
    return fail({
      cause: 'ctr-no-cap-net-raw',
      title: `processes of ${target.name} may not ping: no CAP_NET_RAW`,
      place: { ...where, stage: 'socket', netns: 'target', object: KEY },
      loses: [where],
      proof: [
        {
          kind: 'read',
          text: `process ${process.pid}, and what it starts, has no CAP_NET_RAW (bit 13)`,
          command: ['grep', '-E', 'Cap(Eff|Bnd)|NoNewPrivs', `/proc/${process.pid}/status`],
        },
        {
          kind: 'read',
          text: `${KEY} is "${text}", and its groups are ${process.groups.join(', ')}`,
          command: inside(netns, ['sysctl', KEY]),
        },
      ],
      remedies: [
        {
          kind: 'runtime',
          title: `let every group in ${target.name} ping, without a capability`,
          netns: 'target',
          commands: [inside(netns, ['sysctl', '-w', `${KEY}=${EVERYBODY}`])],
          undo: [inside(netns, ['sysctl', '-w', `${KEY}=${text}`])],
          risk: 'low',
          riskText: 'only this container is changed; its programs may send echo requests, and nothing else of ICMP',
        },
      ],
      notes: [
        'the network itself works: TCP and UDP of the container do not need this',
        'it lasts until the container is made anew: then --sysctl or --cap-add NET_RAW',
      ],
    });
  },
});
