import { expect, test } from 'vitest';
import { qdiscDrop } from '../../checks/host/qdisc-drop.js';
import { diagnose } from '../../src/engine/diagnose.js';
import { testCheck } from '../helpers/check-cases.js';
import { artifact, edited, withoutCapture } from '../helpers/edit-evidence.js';
import { recorded } from '../helpers/evidence.js';

testCheck(qdiscDrop, {
  fails: [
    {
      name: 'a queue without room on the bridge',
      evidence: recorded('br-htb-direct-qlen-0'),
      findings: [
        {
          cause: 'br-htb-direct-qlen-0',
          place: { link: 'bridge – uplink', stage: 'qdisc', way: 'return', netns: 'host', device: 'br0' },
          loses: ['bridge – uplink return'],
          proof: 'counted',
          remedies: [['tc qdisc del dev br0 root']],
        },
      ],
    },
    {
      name: 'a rate limit in the container, of which the sender is told',
      evidence: recorded('ctr-tc-ratelimit'),
      findings: [
        {
          cause: 'ctr-tc-ratelimit',
          place: { link: 'socket – container', stage: 'qdisc', way: 'forward', netns: 'target', device: 'eth0' },
          loses: ['socket – container forward'],
          proof: 'counted',
          remedies: [['ip netns exec net1 tc qdisc del dev eth0 root']],
        },
      ],
    },
    {
      name: 'a rate limit of what the container receives',
      evidence: recorded('veth-tc-bandwidth'),
      findings: [
        {
          cause: 'veth-tc-bandwidth',
          place: { link: 'veth-host – bridge', stage: 'qdisc', way: 'return', netns: 'host', device: 'veth1_p' },
          loses: ['veth-host – bridge return'],
          proof: 'counted',
          remedies: [['tc qdisc del dev veth1_p root']],
        },
      ],
    },
    {
      name: 'a rate limit on the uplink, which drops a part',
      evidence: recorded('uplink-qdisc-drop'),
      findings: [
        {
          cause: 'uplink-qdisc-drop',
          place: { link: 'bridge – uplink', stage: 'qdisc', way: 'forward', netns: 'host', device: 'eth0' },
          loses: ['bridge – uplink forward'],
          proof: 'counted',
          remedies: [['tc qdisc del dev eth0 root']],
        },
      ],
    },
    {
      name: 'where no capture ran, a queue that dropped as many as were lost',
      evidence: edited(recorded('uplink-qdisc-drop'), ...['h1', 'h2', 'h3', 'h4'].map(withoutCapture)),
      findings: [
        {
          cause: 'uplink-qdisc-drop',
          place: { link: 'bridge – uplink', stage: 'qdisc', way: 'forward', netns: 'host', device: 'eth0' },
          loses: ['bridge – uplink forward'],
          proof: 'counted',
          remedies: [['tc qdisc del dev eth0 root']],
        },
      ],
    },
    {
      name: 'one with others below it, which no single command puts back',
      evidence: edited(
        recorded('uplink-qdisc-drop'),
        artifact('host', 'qdiscs', (all) => [
          ...all,
          ...all
            .filter(({ dev, parent }) => dev === 'eth0' && parent === null)
            .map((root) => ({ ...root, kind: 'fq_codel', handle: '10:', parent: `${root.handle}1` })),
        ]),
      ),
      findings: [
        {
          cause: 'uplink-qdisc-drop',
          place: { link: 'bridge – uplink', stage: 'qdisc', way: 'forward', netns: 'host', device: 'eth0' },
          loses: ['bridge – uplink forward'],
          proof: 'counted',
          remedies: ['instruction'],
        },
      ],
    },
  ],
  passes: [
    {
      name: 'a queue that dropped nothing',
      evidence: edited(
        recorded('br-htb-direct-qlen-0'),
        artifact('host', 'qdiscs', (all) => all.map((one) => ({ ...one, drops: 0 }))),
      ),
      because: 'no queueing discipline dropped packets during the probe',
    },
  ],
  notApplicable: [
    {
      name: 'where nothing is lost, what a queue dropped was of others',
      evidence: recorded('ipv6'),
      reason: 'nothing is lost',
    },
  ],
});

test('a part that is lost, and no capture that ran: the queue is named, and no other link', () => {
  const blind = edited(recorded('uplink-qdisc-drop'), ...['h1', 'h2', 'h3', 'h4'].map(withoutCapture));
  expect(diagnose(blind)).toMatchObject({
    status: 'degraded',
    cause: 'uplink-qdisc-drop',
    brokenLink: { from: 'h3', to: 'h4', stage: 'qdisc' },
  });
});
