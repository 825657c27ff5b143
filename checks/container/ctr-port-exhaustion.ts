import type { Proof, Remedy } from '../../src/model/finding.js';
import { originLink } from '../../src/model/path-queries.js';
import { type CheckContext, defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { inside } from '../support/commands.js';

const KEY = 'net.ipv4.ip_local_port_range';

export const ctrPortExhaustion = defineCheck({
  meta: {
    id: 'ctr-port-exhaustion',
    code: 'V1018',
    title: 'the container has a source port left for a connection',
    covers: ['ctr-port-exhaustion'],
    requires: ['target.sysctls'],
    references: [
      'https://docs.kernel.org/networking/ip-sysctl.html (ip_local_port_range)',
      'man 2 connect (EADDRNOTAVAIL)',
    ],
  },
  page: {
    meaning: 'Every source port that the container may use is taken, so that it cannot open another connection.',
    path: 'connect(): a port of ip_local_port_range that is free for this destination -> there is none: EADDRNOTAVAIL. No packet is made.',
    decided:
      'The probe chooses no source address, the container has one, and connect() fails with "Cannot assign requested address".',
    byHand: ['ss -s', 'ss -tan state time-wait | wc -l', 'sysctl net.ipv4.ip_local_port_range'],
    origins: [
      'many short connections to one address and port, whose ends stay in TIME-WAIT for 60 s',
      'connections that a program never closes (CLOSE-WAIT)',
      'a narrow ip_local_port_range, or many ip_local_reserved_ports',
    ],
    fixes: [
      'keep-alive, or a pool of connections, in the program',
      'sysctl -w net.ipv4.ip_local_port_range="1024 65535" in the container',
    ],
    prevention: 'Watch the number of connections to one destination against the size of the range.',
    lab: 'ctr-port-exhaustion',
  },
  run(artifacts, context) {
    const refused = context.probe?.answers.filter(
      ({ outcome, text }) => outcome === 'not-sent' && text === 'Cannot assign requested address',
    );
    const chosen = context.source !== null || context.flow.source === null;
    if (context.flow.protocol !== 'tcp' || chosen)
      return notApplicable('no connection takes a source port of its own choice');
    if (!context.probe?.localError) return notApplicable('every connection could be opened');
    if (!refused?.length) return pass('connections find a source port');
    const range = artifacts['target.sysctls'][KEY];
    const [low, high] = (range ?? '').split(/\s+/).map(Number);
    if (low === undefined || high === undefined) return notApplicable(`${KEY} was not read`);
    const netns = context.netns('target');
    const place = { link: originLink(context.path).id, way: 'forward' as const };
    return fail({
      cause: 'ctr-port-exhaustion',
      title: `the container has no source port left for ${context.flow.destination}:${context.flow.port}`,
      place: { ...place, stage: 'socket', netns: 'target', object: KEY },
      loses: [place],
      proof: [
        askedProof(context, refused.length),
        {
          kind: 'read',
          text: `${KEY} = ${low} ${high}: ${high - low + 1} ports`,
          command: inside(netns, ['sysctl', KEY]),
        },
      ],
      remedies: [
        low <= LEAST && high >= MOST
          ? CLOSE
          : {
              kind: 'runtime',
              title: 'let the container use more ports',
              netns: 'target',
              commands: [inside(netns, ['sysctl', '-w', `${KEY}=${WIDE}`])],
              undo: [inside(netns, ['sysctl', '-w', `${KEY}=${low} ${high}`])],
              risk: 'low',
              riskText:
                'a service of the container that listens on a port from 1024 on may find it taken at its next start',
            },
      ],
      notes: ['no packet is made: no capture and no drop of the kernel shows it'],
    });
  },
});

const [LEAST, MOST] = [1024, 65_535];
const WIDE = `${LEAST} ${MOST}`;

const CLOSE: Remedy = {
  kind: 'instruction',
  title:
    'the range is as wide as it gets: let the program keep fewer connections (ss -tan in the container shows them)',
  netns: 'target',
  commands: [],
  undo: [],
  risk: 'low',
  riskText: 'nothing is changed here',
};

const askedProof = ({ probe }: CheckContext, count: number): Proof => ({
  kind: 'asked',
  text: `connecting from the container, ${count} of ${probe?.answers.length} times: Cannot assign requested address`,
  command: probe?.command ?? [],
});
