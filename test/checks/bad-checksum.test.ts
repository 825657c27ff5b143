import { badChecksum } from '../../checks/uplink/bad-checksum.js';
import type { Evidence } from '../../src/model/evidence.js';
import { testCheck } from '../helpers/check-cases.js';
import { type Edit, edited } from '../helpers/edit-evidence.js';
import { recorded } from '../helpers/evidence.js';

const bad = recorded('uplink-bad-checksum');

/** Changes the segments of the flow that a hop saw. */
const segments =
  (change: (seen: Evidence['sightings'][number]) => true | undefined): Edit =>
  (evidence) => ({
    ...evidence,
    sightings: evidence.sightings.map((seen) => {
      const { tcp } = seen.packet;
      if (!tcp) return seen;
      const { badChecksum: _, ...plain } = tcp;
      return { ...seen, packet: { ...seen.packet, tcp: change(seen) ? { ...plain, badChecksum: true } : plain } };
    }),
  });

testCheck(badChecksum, {
  fails: [
    {
      name: 'segments that are right on the bridge and wrong on the uplink',
      evidence: bad,
      findings: [
        {
          cause: 'uplink-bad-checksum',
          place: { link: 'bridge – uplink', stage: 'postrouting', way: 'forward', netns: 'host', device: 'eth0' },
          loses: ['uplink – outside forward', 'uplink – outside return'],
          proof: 'seen read control',
          remedies: [
            ['nft insert rule ip ck post oifname eth0 ip daddr 203.0.113.5 tcp dport 80 accept comment "vethoscope"'],
          ],
        },
      ],
    },
    {
      name: "segments that are wrong from the container's device on",
      evidence: edited(
        bad,
        segments(({ kind }) => kind === 'request' || undefined),
      ),
      findings: [
        {
          cause: 'uplink-bad-checksum',
          place: { link: 'socket – container', stage: 'postrouting', way: 'forward', netns: 'target', device: 'eth0' },
          loses: ['uplink – outside forward', 'uplink – outside return'],
          proof: 'seen control',
          remedies: ['instruction'],
        },
      ],
    },
  ],
  passes: [
    {
      name: 'one wrong segment of three does not explain that all are lost',
      evidence: edited(
        bad,
        segments(({ kind, hop, probe }) => (kind === 'request' && hop === 'h4' && probe === 1) || undefined),
      ),
      because: 'segments are answered, or lost with a right checksum too',
    },
  ],
  notApplicable: [
    {
      name: 'segments with a right checksum',
      evidence: edited(
        bad,
        segments(() => undefined),
      ),
      reason: 'no segment with a wrong checksum was seen on the uplink',
    },
    {
      name: 'echoes are no segments',
      evidence: recorded('uplink-upstream-drops'),
      reason: 'no TCP segment leaves the host',
    },
  ],
});
