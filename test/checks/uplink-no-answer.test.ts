import { expect, test } from 'vitest';
import { uplinkNoAnswer } from '../../checks/uplink/uplink-no-answer.js';
import { diagnose } from '../../src/engine/diagnose.js';
import { testCheck } from '../helpers/check-cases.js';
import { control, edited, withoutCapture } from '../helpers/edit-evidence.js';
import { recorded } from '../helpers/evidence.js';

testCheck(uplinkNoAnswer, {
  fails: [
    {
      name: 'a destination that answers neither the container nor the host is outside',
      evidence: recorded('uplink-upstream-drops'),
      findings: [
        {
          cause: 'uplink-no-answer',
          place: { link: 'uplink – outside', stage: 'outside', way: 'forward', netns: 'host', device: 'eth0' },
          loses: ['uplink – outside forward'],
          proof: 'seen control',
          remedies: ['instruction'],
        },
      ],
    },
    {
      name: 'one that ignores echo requests cannot be told from one that is gone',
      evidence: recorded('uplink-remote-ignores-icmp'),
      findings: [
        {
          cause: 'uplink-no-answer',
          place: { link: 'uplink – outside', stage: 'outside', way: 'forward', netns: 'host', device: 'eth0' },
          loses: ['uplink – outside forward'],
          proof: 'seen control',
          remedies: ['instruction'],
        },
      ],
    },
    {
      name: 'without a probe of the host the same is said with less',
      evidence: { ...recorded('uplink-upstream-drops'), control: null },
      findings: [
        {
          cause: 'uplink-no-answer',
          place: { link: 'uplink – outside', stage: 'outside', way: 'forward', netns: 'host', device: 'eth0' },
          loses: ['uplink – outside forward'],
          proof: 'seen inferred',
          remedies: ['instruction'],
        },
      ],
    },
    {
      name: "the host's own address is answered, and its second one is not",
      evidence: recorded('uplink-antispoof-src-ip'),
      findings: [
        {
          cause: 'uplink-no-answer',
          place: { link: 'uplink – outside', stage: 'outside', way: 'forward', netns: 'host', device: 'eth0' },
          loses: ['uplink – outside forward', 'uplink – outside return'],
          proof: 'seen read control',
          remedies: ['instruction'],
        },
      ],
    },
  ],
  passes: [
    { name: 'a destination that answers is in order', evidence: recorded('textbook'), because: 'answers come back' },
    {
      name: 'one that answers the host is there',
      evidence: edited(recorded('uplink-upstream-drops'), control(true)),
      because: 'the same probe from the host itself is answered',
    },
  ],
  notApplicable: [
    {
      name: "where another machine has the host's address, the answers go there",
      evidence: recorded('uplink-ip-conflict'),
      reason: "another machine has the host's address",
    },
    {
      name: 'answers that may have come by an uplink without a capture are not missing',
      evidence: edited(recorded('host-rp-filter-uplink'), withoutCapture('h6')),
      reason: 'answers may have come by eth1, which was not watched',
    },
    {
      name: 'requests that never came to the uplink say nothing about the outside',
      evidence: recorded('host-ip-forward-off'),
      reason: 'the packets do not reach the uplink',
    },
    {
      name: 'an uplink without a carrier reaches nobody',
      evidence: recorded('nic-no-carrier'),
      reason: 'eth0 has no carrier',
    },
    {
      name: 'a DNS server is not looked at here',
      evidence: recorded('dns-upstream-blocks-53'),
      reason: 'a check of its own looks at DNS servers',
    },
    {
      name: 'a UDP service may be silent',
      evidence: edited(recorded('uplink-upstream-drops'), (evidence) => ({
        ...evidence,
        flow: { ...evidence.flow, protocol: 'udp', port: 7007 },
      })),
      reason: 'a UDP service need not answer what it does not understand',
    },
    {
      name: 'traffic within a bridge does not leave the host',
      evidence: recorded('two-containers'),
      reason: 'the flow does not leave the host',
    },
  ],
});

test('where the probes leave in fragments, that is said', () => {
  const notes = (id: string) => diagnose(recorded(id)).findings[0]?.notes ?? [];
  expect(notes('uplink-fragments-dropped')).toEqual([
    'each probe of 3185 bytes leaves in fragments, which some networks drop: trace again with --size 1000',
  ]);
  expect(notes('uplink-upstream-drops')).toEqual([]);
});
