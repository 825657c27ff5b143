import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { locate } from '../../../src/engine/locate.js';
import type { CaptureReport, Packet, Sighting } from '../../../src/model/packet.js';
import type { Hop, Path } from '../../../src/model/path.js';
import type { ProbeOutcome, ProbeResult } from '../../../src/model/probe.js';
import { HOPS, hop, pathOf } from '../helpers/textbook-path.js';

const packet = (source: string, destination: string, at = 0): Packet => ({
  at,
  macSource: null,
  macDestination: null,
  vlan: null,
  length: 98,
  truncated: false,
  arp: null,
  ip: {
    family: 4,
    source,
    destination,
    protocol: 1,
    ttl: 64,
    id: 1,
    dontFragment: true,
    fragmentOffset: 0,
    moreFragments: false,
  },
  icmp: null,
  tcp: null,
  udp: null,
});

const request = (id: string, probe: number): Sighting => ({
  hop: id,
  kind: 'request',
  way: 'forward',
  probe,
  packet: packet(id === 'h4' ? '198.51.100.10' : '192.168.0.2', '203.0.113.5'),
});

const reply = (id: string, probe: number): Sighting => ({
  hop: id,
  kind: 'reply',
  way: 'return',
  probe,
  packet: packet('203.0.113.5', id === 'h4' ? '198.51.100.10' : '192.168.0.2'),
});

const requests = (...ids: string[]) => ids.flatMap((id) => [1, 2, 3].map((probe) => request(id, probe)));
const replies = (...ids: string[]) => ids.flatMap((id) => [1, 2, 3].map((probe) => reply(id, probe)));

const report = (id: string, change: Partial<CaptureReport> = {}): CaptureReport => ({
  hop: id,
  command: [],
  error: null,
  packets: 3,
  droppedByKernel: 0,
  ...change,
});

const CAPTURES = ['h1', 'h2', 'h3', 'h4'].map((id) => report(id));
const except = (id: string, change: Partial<CaptureReport>) =>
  CAPTURES.map((capture) => (capture.hop === id ? report(id, change) : capture));

const probed = (...outcomes: ProbeOutcome[]): ProbeResult => ({
  command: [],
  protocol: 'icmp',
  token: 'deadbeef',
  sent: outcomes.filter((outcome) => outcome !== 'not-sent').length,
  answered: outcomes.filter((outcome) => outcome === 'answered').length,
  answers: outcomes.map((outcome, index) => ({ probe: index + 1, outcome, rttMs: null, text: null, from: null })),
  localError: null,
  failure: null,
  output: '',
});

const LOST = probed('timeout', 'timeout', 'timeout');
const HEALTHY = probed('answered', 'answered', 'answered');
const ALL = ['h1', 'h2', 'h3', 'h4'];

const run = (
  sightings: readonly Sighting[],
  probe: ProbeResult | null = LOST,
  captures: readonly CaptureReport[] = CAPTURES,
  path: Path = pathOf(),
) => locate(path, sightings, captures, probe);

describe('a flow that works', () => {
  test('has no break, and its NAT rewrites are named', () => {
    const located = run([...requests(...ALL), ...replies(...ALL)], HEALTHY);
    expect(located).toMatchObject({
      forwardBreak: null,
      returnBreak: null,
      way: null,
      lost: 0,
      answered: 3,
      lossy: [],
    });
    expect(located).toMatchObject({ replyBy: ALL, answeredBefore: null, doubts: [] });
    expect(located.rewrites).toEqual([
      { way: 'forward', fromHop: 'h3', toHop: 'h4', field: 'source', before: '192.168.0.2', after: '198.51.100.10' },
      {
        way: 'return',
        fromHop: 'h4',
        toHop: 'h3',
        field: 'destination',
        before: '198.51.100.10',
        after: '192.168.0.2',
      },
    ]);
    expect(located.counts.map(({ forward, return: back, trusted }) => [forward, back, trusted])).toEqual([
      [3, 3, true],
      [3, 3, true],
      [3, 3, true],
      [3, 3, true],
      [3, 3, true],
      [0, 0, false],
    ]);
  });

  test('that something nearer answers is told', () => {
    const located = run([...requests('h1', 'h2', 'h3'), ...replies('h1', 'h2', 'h3')], HEALTHY);
    expect(located).toMatchObject({ answeredBefore: 'h4', doubts: [], way: null });
  });

  test('that a refusal which the outer hop never saw is a loss: a firewall on the way rejected it', () => {
    const refused = {
      ...HEALTHY,
      answers: HEALTHY.answers.map((answer) => ({ ...answer, outcome: 'refused' as const })),
    };
    for (const back of [[], replies('h1', 'h2')]) {
      const located = run([...requests('h1', 'h2', 'h3'), ...back], refused);
      expect(located).toMatchObject({ answered: 0, lost: 3, way: 'forward', answeredBefore: 'h4' });
      expect(located.forwardBreak).toMatchObject({ link: 'h3-h4', lastSeen: 'h3', firstMissing: 'h4' });
    }
  });

  test('that a refusal which came from outside is an answer', () => {
    const refused = {
      ...HEALTHY,
      answers: HEALTHY.answers.map((answer) => ({ ...answer, outcome: 'refused' as const })),
    };
    expect(run([...requests(...ALL), ...replies(...ALL)], refused)).toMatchObject({ answered: 3, lost: 0, way: null });
  });
});

describe('requests that end', () => {
  test.each([
    [[], 'h0-h1', 'h0', 'h1'],
    [['h1'], 'h1-h2', 'h1', 'h2'],
    [['h1', 'h2', 'h3'], 'h3-h4', 'h3', 'h4'],
    [ALL, 'h4-h5', 'h4', 'h5'],
  ] as const)('seen at %j: the break is on %s', (ids, link, lastSeen, firstMissing) => {
    const located = run(requests(...ids));
    expect(located.forwardBreak).toEqual({ link, lastSeen, firstMissing, ambiguous: [] });
    expect(located).toMatchObject({ returnBreak: null, way: 'forward', lost: 3, lossy: [], ambiguous: [] });
  });

  test('never sent: the break is behind the socket', () => {
    const located = run([], probed('not-sent', 'not-sent', 'not-sent'));
    expect(located.forwardBreak).toMatchObject({ link: 'h0-h1', lastSeen: 'h0', firstMissing: 'h1' });
    expect(located.counts[0]).toMatchObject({ forward: 0, sent: 3 });
  });

  test.each([
    ['lost packets', { droppedByKernel: 1 }],
    ['did not report its losses', { droppedByKernel: null }],
    ['did not run', { error: 'tcpdump is not installed', failure: 'missing-tool' as const }],
  ])('before a capture that %s: both links may be it', (_, change) => {
    const located = run(requests('h1'), LOST, except('h2', change));
    expect(located.forwardBreak).toEqual({
      link: 'h1-h2',
      lastSeen: 'h1',
      firstMissing: 'h3',
      ambiguous: ['h1-h2', 'h2-h3'],
    });
    expect(located.ambiguous).toEqual(['h1-h2', 'h2-h3']);
    expect(located.counts[2]).toMatchObject({ hop: 'h2', trusted: false });
  });

  test('at the last capture, which failed: up to the outside', () => {
    const located = run(requests('h1', 'h2', 'h3'), LOST, except('h4', { error: 'x', droppedByKernel: null }));
    expect(located.ambiguous).toEqual(['h3-h4', 'h4-h5']);
  });

  test.each(['interface-down', 'no-interface'] as const)('before a device that nothing passes (%s)', (failure) => {
    const located = run(requests('h1', 'h2', 'h3'), LOST, except('h4', { error: 'x', failure, droppedByKernel: null }));
    expect(located.forwardBreak).toMatchObject({ link: 'h3-h4', firstMissing: 'h4', ambiguous: [] });
  });

  test('before an uplink that no route leads to', () => {
    const path = pathOf([...HOPS.slice(0, 4), hop('h4', 'uplink', null), hop('h5', 'outside', null)]);
    const located = run(requests('h1', 'h2', 'h3'), LOST, CAPTURES.slice(0, 3), path);
    expect(located.forwardBreak).toMatchObject({ link: 'h3-h4', ambiguous: [] });
  });

  test('behind a hop that misses what passes it: the hop is doubted, not blamed', () => {
    const located = run(requests('h1', 'h2', 'h4'));
    expect(located.forwardBreak).toMatchObject({ link: 'h4-h5', lastSeen: 'h4' });
    expect(located.doubts).toEqual(['br0 missed requests that were seen beyond it']);
    expect(located.counts[3]).toMatchObject({ hop: 'h3', trusted: false });
  });

  test('take the names of links that the path gives', () => {
    const path = { ...pathOf(), links: [{ id: 'bridge-uplink', from: 'h3', to: 'h4', stages: [] }] };
    expect(run(requests('h1', 'h2', 'h3'), LOST, CAPTURES, path).forwardBreak?.link).toBe('bridge-uplink');
  });
});

describe('replies that end', () => {
  test.each([
    [['h4'], 'h3-h4', 'h4', 'h3'],
    [['h3', 'h4'], 'h2-h3', 'h3', 'h2'],
    [ALL, 'h0-h1', 'h1', 'h0'],
  ] as const)('seen at %j: the break is on %s', (ids, link, lastSeen, firstMissing) => {
    const located = run([...requests(...ALL), ...replies(...ids)]);
    expect(located.returnBreak).toEqual({ link, lastSeen, firstMissing, ambiguous: [] });
    expect(located).toMatchObject({ forwardBreak: null, way: 'return', replyBy: ids });
  });

  test('before a capture that proves nothing: the links in the order of the reply', () => {
    const located = run([...requests(...ALL), ...replies('h4')], LOST, except('h3', { droppedByKernel: 2 }));
    expect(located.returnBreak).toMatchObject({ link: 'h3-h4', lastSeen: 'h4', firstMissing: 'h2' });
    expect(located.ambiguous).toEqual(['h3-h4', 'h2-h3']);
  });

  test('at another uplink: the reply came by it and was not let on', () => {
    const path = pathOf([...HOPS, hop('h6', 'alternate-uplink', 'eth1')]);
    const located = run([...requests(...ALL), ...replies('h6')], LOST, [...CAPTURES, report('h6')], path);
    expect(located.returnBreak).toMatchObject({ link: 'h3-h4', lastSeen: 'h6', firstMissing: 'h3' });
    expect(located).toMatchObject({ replyBy: ['h6'], doubts: [] });
  });

  test('at the device that the routes choose instead: broken where the host routes', () => {
    const path = pathOf([...HOPS, hop('h6', 'return-egress', 'wg0')]);
    const located = run([...requests(...ALL), ...replies('h4', 'h6')], LOST, [...CAPTURES, report('h6')], path);
    expect(located.returnBreak).toMatchObject({ link: 'h3-h4', lastSeen: 'h4', firstMissing: 'h3' });
    expect(located.replyBy).toEqual(['h4', 'h6']);
  });

  test('that a hop misses between two that see them: doubted', () => {
    const located = run([...requests(...ALL), ...replies('h1', 'h2', 'h4')]);
    expect(located.doubts).toEqual(['br0 missed replies that were seen beyond it']);
    expect(located.returnBreak).toMatchObject({ link: 'h0-h1' });
  });

  test('that the host itself made pass no outer hop: no doubt', () => {
    const located = run([...requests('h1', 'h2', 'h3'), ...replies('h1', 'h2')], HEALTHY);
    expect(located).toMatchObject({ doubts: [], answeredBefore: 'h4' });
  });
});

describe('replies that come late', () => {
  const MILLISECOND = 1_000_000;
  const at = (sighting: Sighting, ms: number): Sighting => ({
    ...sighting,
    packet: { ...sighting.packet, at: ms * MILLISECOND },
  });
  const slow = (ms: number) => [...requests(...ALL), ...replies(...ALL).map((one) => at(one, ms))];
  const probe = { ...LOST, waitedMs: 400 };

  test('are slow, not lost in the container', () => {
    const located = run(slow(401), probe);
    expect(located).toMatchObject({ late: [1, 2, 3], lost: 0, returnBreak: null, way: null });
    expect(located.doubts).toEqual(['a reply came after the probe had stopped waiting']);
  });

  test('are measured from the last packet of ping, and from its own of a connection or datagram', () => {
    const spread = ALL.flatMap((id) => [1, 2, 3].map((number) => at(request(id, number), number * 100)));
    const back = replies(...ALL).map((one) => at(one, 550));
    expect(run([...spread, ...back], probe)).toMatchObject({ late: [] });
    expect(run([...spread, ...back], { ...probe, protocol: 'udp' })).toMatchObject({ late: [1] });
  });

  test('are slow also where the sender itself was not captured', () => {
    const inner = ['h2', 'h3', 'h4'];
    const seen = [...requests(...inner), ...replies(...inner).map((one) => at(one, 401))];
    expect(run(seen, probe)).toMatchObject({ late: [1, 2, 3], lost: 0 });
  });

  test('are not made up where nothing was seen', () => {
    expect(run([], probe)).toMatchObject({ late: [], lost: 3, forwardBreak: { link: 'h0-h1' } });
    expect(run(requests(...ALL), probe)).toMatchObject({ late: [], lost: 3, forwardBreak: { link: 'h4-h5' } });
  });

  test('are lost when there was time to take them', () => {
    expect(run(slow(399), probe)).toMatchObject({ late: [], lost: 3, returnBreak: { link: 'h0-h1' } });
    expect(run(slow(401), LOST)).toMatchObject({ late: [], returnBreak: { link: 'h0-h1' } });
  });
});

describe('loss of some', () => {
  test('is counted per link, and is no break', () => {
    const seen = [...requests('h1', 'h2', 'h3'), request('h4', 1), request('h4', 2), reply('h4', 1), reply('h4', 2)];
    const back = [1, 2].flatMap((probe) => ['h1', 'h2', 'h3'].map((id) => reply(id, probe)));
    const located = run([...seen, ...back], probed('answered', 'answered', 'timeout'));
    expect(located).toMatchObject({ forwardBreak: null, returnBreak: null, way: null, lost: 1, answered: 2 });
    expect(located.lossy).toEqual([{ link: 'h3-h4', way: 'forward', lost: 1, of: 3 }]);
  });

  test('of all, at different places: the place of most is the break, and all are listed', () => {
    const located = run([...requests('h1', 'h2', 'h3'), request('h4', 1), reply('h4', 1)]);
    expect(located.way).toBe('forward');
    expect(located.forwardBreak).toMatchObject({ link: 'h3-h4' });
    expect(located.returnBreak).toMatchObject({ link: 'h3-h4' });
    expect(located.lossy).toEqual([
      { link: 'h3-h4', way: 'forward', lost: 2, of: 3 },
      { link: 'h3-h4', way: 'return', lost: 1, of: 1 },
    ]);
  });
});

describe('what goes beside', () => {
  const arp = (id: string, operation: 'request' | 'reply'): Sighting => ({
    hop: id,
    kind: `neighbour-${operation}`,
    way: 'forward',
    probe: null,
    packet: {
      ...packet('', ''),
      ip: null,
      arp:
        operation === 'request'
          ? { operation, senderMac: '', senderAddress: '192.168.0.2', targetMac: '', targetAddress: '192.168.0.99' }
          : { operation, senderMac: '', senderAddress: '192.168.0.99', targetMac: '', targetAddress: '192.168.0.2' },
    },
  });

  test('lists addresses that nobody answered for, hop by hop', () => {
    const located = run([arp('h1', 'request'), arp('h1', 'request'), arp('h2', 'request'), arp('h2', 'reply')]);
    expect(located.neighbour).toEqual([{ hop: 'h1', address: '192.168.0.99', asker: '192.168.0.2', requests: 2 }]);
  });

  test('lists ICMP errors with the hop that saw them first', () => {
    const error = (id: string, probe: number, at: number): Sighting => ({
      hop: id,
      kind: 'icmp-error',
      way: 'return',
      probe,
      packet: {
        ...packet('192.168.0.1', '192.168.0.2', at),
        icmp: { type: 3, code: 13, id: null, sequence: null, token: null, nextHopMtu: null, quoted: null },
      },
    });
    const located = run([error('h1', 1, 30), error('h2', 1, 20), error('h3', 1, 10), error('h3', 2, 40)]);
    expect(located.errors).toEqual([
      {
        hop: 'h3',
        from: '192.168.0.1',
        type: 3,
        code: 13,
        words: 'communication administratively prohibited',
        way: 'return',
        probes: [1, 2],
        nextHopMtu: null,
        hops: ['h3', 'h2', 'h1'],
      },
    ]);
  });
});

describe('without a probe', () => {
  test('nothing is broken', () => {
    expect(run([], null)).toMatchObject({ sent: 0, lost: 0, forwardBreak: null, returnBreak: null, way: null });
  });

  test('that could not run, the reason is a doubt', () => {
    const located = run([], { ...probed('not-sent'), failure: 'ping is not installed' });
    expect(located).toMatchObject({ forwardBreak: null, doubts: ['the probe could not run: ping is not installed'] });
  });
});

describe('any sightings at all', () => {
  const ids = HOPS.map((one: Hop) => one.id);
  const sighting = fc
    .record({ hop: fc.constantFrom(...ids, '__proto__'), probe: fc.integer({ min: 1, max: 4 }), back: fc.boolean() })
    .map(({ hop: id, probe, back }) => (back ? reply(id, probe) : request(id, probe)));
  const outcome = fc.constantFrom<ProbeOutcome[]>('answered', 'timeout', 'error', 'not-sent');
  const captures = fc.array(fc.constantFrom(0, 1, null), { minLength: 4, maxLength: 4 });

  test('give a break between neighbours in sight, or none', () => {
    fc.assert(
      fc.property(
        fc.array(sighting),
        fc.array(outcome, { minLength: 1, maxLength: 4 }),
        captures,
        (sightings, outcomes, drops) => {
          const reports = drops.map((droppedByKernel, index) => report(`h${index + 1}`, { droppedByKernel }));
          const probe = probed(...outcomes);
          const located = run(sightings, probe, reports);
          expect(located.lost + located.answered).toBe(outcomes.length);
          if (probe.answered > 0) expect(located.forwardBreak ?? located.returnBreak).toBeNull();
          else expect(located.way).not.toBeNull();
          for (const [broken, step] of [
            [located.forwardBreak, 1],
            [located.returnBreak, -1],
          ] as const) {
            if (broken === null) continue;
            const distance = (ids.indexOf(broken.firstMissing) - ids.indexOf(broken.lastSeen)) * step;
            expect(distance).toBeGreaterThan(0);
            expect(broken.ambiguous).toHaveLength(distance === 1 ? 0 : distance);
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('packets that are too big', () => {
  const tooBig = (id: string, probe: number): Sighting => ({
    hop: id,
    kind: 'icmp-error',
    way: 'return',
    probe,
    packet: {
      ...packet('198.51.100.1', id === 'h4' ? '198.51.100.10' : '192.168.0.2'),
      icmp: { type: 3, code: 4, id: null, sequence: null, token: null, nextHopMtu: 1400, quoted: null },
    },
  });
  const answers = (...list: readonly (readonly [ProbeOutcome, string | null])[]): ProbeResult => ({
    ...LOST,
    answers: list.map(([outcome, text], index) => ({ probe: index + 1, outcome, rttMs: null, text, from: null })),
  });

  test('what is not sent because a router turned an earlier one away says nothing of its own', () => {
    const learned = ['not-sent', 'message too long, mtu=1400'] as const;
    const located = locate(
      pathOf(HOPS),
      [request('h1', 1), request('h2', 1), request('h3', 1), tooBig('h3', 1), tooBig('h1', 1)],
      HOPS.filter((each) => each.captured).map((each) => report(each.id)),
      answers(['error', 'Frag needed and DF set (mtu = 1400)'], learned, learned),
    );
    expect(located).toMatchObject({ way: 'forward', lost: 3, forwardBreak: { lastSeen: 'h3', firstMissing: 'h4' } });
  });

  test('what the sender refuses from the first packet on is lost at its socket', () => {
    const refused = ['not-sent', 'message too long, mtu=1000'] as const;
    const located = locate(
      pathOf(HOPS),
      [],
      HOPS.filter((each) => each.captured).map((each) => report(each.id)),
      answers(refused, refused, refused),
    );
    expect(located).toMatchObject({ way: 'forward', forwardBreak: { lastSeen: 'h0' } });
  });

  test('the word of a router that does not reach the sender is lost like a reply', () => {
    const located = locate(
      pathOf(HOPS),
      [request('h1', 1), request('h2', 1), request('h3', 1), request('h4', 1), tooBig('h4', 1)],
      HOPS.filter((each) => each.captured).map((each) => report(each.id)),
      answers(['timeout', null]),
    );
    expect(located).toMatchObject({ way: 'return', returnBreak: { lastSeen: 'h4', firstMissing: 'h3' } });
  });
});
