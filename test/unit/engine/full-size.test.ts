import { describe, expect, test } from 'vitest';
import { diagnose } from '../../../src/engine/diagnose.js';
import type { Evidence } from '../../../src/model/evidence.js';
import type { FullSize } from '../../../src/model/full-size.js';
import type { ProbeAnswer } from '../../../src/model/probe.js';
import { limitOf } from '../../../src/probe/full-size.js';
import { recorded } from '../../helpers/evidence.js';

const evidence = recorded('uplink-frame-exceeds-peer-mtu');

const withSize = (change: (fullSize: FullSize) => Partial<FullSize>): Evidence => {
  if (evidence.fullSize === undefined) throw new Error('no full-size packet was recorded');
  return { ...evidence, fullSize: { ...evidence.fullSize, ...change(evidence.fullSize) } };
};

const answering =
  (answer: Partial<ProbeAnswer>, answered = 0) =>
  ({ probe }: FullSize): Partial<FullSize> => ({
    probe: { ...probe, answered, answers: probe.answers.map((one) => ({ ...one, ...answer })) },
    sightings: [],
  });

describe('a full-size packet after an answered probe', () => {
  test('that is answered too is said to be', () => {
    expect(diagnose(withSize(answering({ outcome: 'answered' }, 1)))).toMatchObject({
      status: 'ok',
      aboutSize: 'one of 1500 bytes was answered too',
      summary: '3 of 3 probes were answered; one of 1500 bytes was answered too',
    });
  });

  test('that a router turns away and says so shows no fault', () => {
    const told = answering({ outcome: 'error', text: 'Frag needed and DF set (mtu = 1400)', from: '198.51.100.1' });
    expect(diagnose(withSize(told))).toMatchObject({
      status: 'ok',
      findings: [],
      aboutSize: '198.51.100.1 tells the container a path MTU of 1400 bytes',
    });
  });

  test('that the container knows to be too big shows no fault', () => {
    const known = answering({ outcome: 'not-sent', text: 'message too long, mtu=1400' });
    expect(diagnose(withSize(known))).toMatchObject({
      status: 'ok',
      aboutSize: 'the container holds a path MTU of 1400 bytes',
    });
  });

  test('that is lost outside where a smaller one passes is a fault of large packets alone', () => {
    expect(diagnose(evidence)).toMatchObject({
      status: 'degraded',
      cause: 'uplink-frame-exceeds-peer-mtu',
      packetBytes: 1500,
      direction: 'forward',
    });
  });

  test('that gets no answer from outside, as none of the smaller ones does, may be meant for large echoes alone', () => {
    expect(diagnose(withSize(() => ({ passes: null })))).toMatchObject({
      status: 'ok',
      aboutSize: 'one of 1500 bytes gets no answer from outside, which may be meant for large echoes alone',
    });
  });

  test('says nothing where not even small echoes are answered', () => {
    const silent = withSize(({ probe }) => ({ control: { ...probe, answered: 0 } }));
    expect(diagnose(silent)).toMatchObject({ status: 'ok', summary: '3 of 3 probes were answered' });
  });

  test('that could not be tried is said to be so', () => {
    const failed = withSize(({ probe }) => ({ probe: { ...probe, failure: 'ping is not installed' } }));
    expect(diagnose(failed)).toMatchObject({
      status: 'ok',
      summary: '3 of 3 probes were answered; one of 1500 bytes was not tried: ping is not installed',
    });
  });

  test('that is lost on this host without a known cause is not called healthy', () => {
    const lost = evidence;
    const cut = {
      ...lost,
      fullSize: lost.fullSize && {
        ...lost.fullSize,
        sightings: lost.fullSize.sightings.filter(({ hop }) => hop === 'h1'),
      },
    } as Evidence;
    expect(diagnose(cut)).toMatchObject({ status: 'degraded', cause: 'unexplained-drop', packetBytes: 1500 });
  });
});

describe('the limit of a path', () => {
  test.each([
    ['is the largest length that passes', [false, true, true, true], 1480],
    ['is not known where none passes', [false, false, false, false], null],
    [
      'is none where a smaller packet is lost, and so packets are lost for another reason',
      [false, true, false, true],
      null,
    ],
  ] as const)('%s', (_, passing, limit) => {
    expect(limitOf([1492, 1480, 1400, 576], passing)).toBe(limit);
  });
});
