import { describe, expect, test } from 'vitest';
import type { Path } from '../../../src/model/path.js';
import type { ProbeResult } from '../../../src/model/probe.js';
import { toKernelDrops } from '../../../src/witness/kernel-drops.js';
import { toKernelSightings } from '../../../src/witness/kernel-sightings.js';
import {
  CONTAINER_INPUT,
  FORWARDING_OFF,
  OUTSIDE,
  PATH,
  PORT_EGRESS,
  probeOf,
  STARTED_NS,
  witnessed,
} from '../helpers/kernel-traces.js';

const sentBy = (pid: number, probe: ProbeResult = probeOf('icmp', 'timeout')): ProbeResult => ({ ...probe, pid });

const shown = (trace: string, probe: ProbeResult, path: Path = PATH): readonly string[] | null =>
  toKernelSightings(witnessed(trace), { path, probe, startedNs: STARTED_NS })?.map(
    ({ hop, way, probe: number }) => `${number} ${way} ${hop}`,
  ) ?? null;

const forward = (...hops: readonly string[]): readonly string[] => hops.map((hop) => `1 forward ${hop}`);
const back = (...hops: readonly string[]): readonly string[] => hops.map((hop) => `1 return ${hop}`);

describe("the probe's packets at the devices, by the kernel's events alone", () => {
  test('a request up to where it is dropped, with its times', () => {
    expect(shown(FORWARDING_OFF, sentBy(23619))).toEqual(forward('h1', 'h2', 'h3'));
    expect(
      toKernelSightings(witnessed(FORWARDING_OFF), { path: PATH, probe: sentBy(23619), startedNs: STARTED_NS })?.[0],
    ).toEqual({ hop: 'h1', way: 'forward', probe: 1, at: 21_909_018_000 - 27_000 });
  });

  test('both ways, and nothing of what happens outside', () => {
    const there = forward('h1', 'h2', 'h3', 'h4');
    expect(shown(CONTAINER_INPUT, sentBy(23752))).toEqual([...there, ...back('h4', 'h3', 'h2', 'h1')]);
    expect(shown(OUTSIDE, sentBy(23810))).toEqual(there);
  });

  test('only those that the process of the probe sent itself', () => {
    expect(shown(FORWARDING_OFF, sentBy(1))).toBeNull();
    expect(shown(FORWARDING_OFF, probeOf('icmp', 'timeout'))).toBeNull();
  });

  test('one that waited for a neighbour goes on without its sender; one of several is enough', () => {
    const later = FORWARDING_OFF.replaceAll('3021.', '3022.').replaceAll('5c9e00', '5caa00');
    const trace = `${FORWARDING_OFF.replaceAll('b....', 'b.s1.')}${later}`;
    const two = sentBy(23619, probeOf('icmp', 'timeout', 'timeout'));
    expect(shown(trace, two)).toEqual(
      ['h1', 'h2', 'h3']
        .flatMap((hop) => [`1 forward ${hop}`])
        .concat(['h1', 'h2', 'h3'].map((hop) => `2 forward ${hop}`)),
    );
  });

  test('no picture where a packet of the same length passed that is not known to be ours', () => {
    const other = FORWARDING_OFF.replaceAll('ping-23619', 'ping-77').replaceAll('5c9e00', '5caa00');
    expect(shown(`${FORWARDING_OFF}${other}`, sentBy(23619))).toBeNull();
    expect(shown(`${FORWARDING_OFF}CPU:0 [LOST 3 EVENTS]\n`, sentBy(23619))).toBeNull();
    expect(shown(FORWARDING_OFF, sentBy(23619, probeOf('icmp', 'timeout', 'timeout')))).toBeNull();
  });

  test('what has no length of its own is told up to its loss, and not at all once it came through', () => {
    const tcp = sentBy(23619, probeOf('tcp', 'timeout'));
    expect(shown(FORWARDING_OFF, tcp)).toEqual(forward('h1', 'h2', 'h3'));
    expect(shown(OUTSIDE, { ...tcp, pid: 23810 })).toBeNull();
  });

  test('a reply that a filter drops at the port behind the bridge, of which the bridge tells afterwards', () => {
    const there = forward('h1', 'h2', 'h3', 'h4');
    expect(shown(PORT_EGRESS, sentBy(23810))).toEqual([...there, ...back('h4', 'h3')]);
  });

  test('a SYN that TCP sends again after a second is no further probe', () => {
    const late = FORWARDING_OFF.replaceAll('3021.9', '3022.9')
      .replaceAll('5c9e00', '5caa00')
      .replaceAll('b....', 'b.s1.');
    const early = late.replaceAll('3022.9', '3022.1');
    const tcp = sentBy(23619, probeOf('tcp', 'timeout'));
    const isCounted = (trace: string): boolean =>
      toKernelDrops(witnessed(trace), {
        path: PATH,
        sightings: [],
        captures: [],
        probe: { ...tcp, pid: 1 },
        startedNs: STARTED_NS,
      }).length > 0;
    expect(isCounted(`${FORWARDING_OFF}${late}`)).toBe(true);
    expect(isCounted(`${FORWARDING_OFF}${early}`)).toBe(false);
  });

  test('what an answer says that is no echo is not known', () => {
    expect(shown(OUTSIDE, sentBy(23810, probeOf('icmp', 'error')))).toBeNull();
  });

  test('a packet that the queue of a device threw away was not sent there', () => {
    const queue = FORWARDING_OFF.split('\n')
      .filter((line) => line.includes('net_dev_queue') || line.includes('kfree'))
      .join('\n')
      .replace('ip_error+0x94/0x210 reason: IP_INADDRERRORS', '__dev_xmit_skb+0x94/0x210 reason: QDISC_DROP');
    expect(shown(queue, sentBy(23619))).toEqual([]);
  });
});

test('a drop of a packet that the probe itself sent is sure without a capture; one of another length is only likely', () => {
  const drops = (probe: ProbeResult) =>
    toKernelDrops(witnessed(FORWARDING_OFF), { path: PATH, sightings: [], captures: [], probe, startedNs: STARTED_NS });
  expect(drops(sentBy(23619))[0]).not.toHaveProperty('likely');
  expect(drops(sentBy(1))[0]).toMatchObject({ likely: true });
});

test('a drop at the egress of the port lies behind the bridge', () => {
  const probe = sentBy(23810);
  const seen = { path: PATH, sightings: [], captures: [], probe, startedNs: STARTED_NS };
  expect(toKernelDrops(witnessed(PORT_EGRESS), seen)).toMatchObject([
    { probe: 1, way: 'return', link: 'h2-h3', device: 'br0' },
  ]);
  expect(toKernelDrops(witnessed(PORT_EGRESS), seen)[0]).not.toHaveProperty('likely');
});
