import { describe, expect, test } from 'vitest';
import type { Way } from '../../../src/model/flow.js';
import type { CaptureReport, Packet, Sighting } from '../../../src/model/packet.js';
import type { Path } from '../../../src/model/path.js';
import { type Seen, toKernelDrops } from '../../../src/witness/kernel-drops.js';
import {
  CONTAINER_INPUT,
  FORWARDING_OFF,
  OUTSIDE,
  PATH,
  probeOf,
  STARTED_NS,
  witnessed,
} from '../helpers/kernel-traces.js';

const PACKET: Omit<Packet, 'at'> = {
  macSource: null,
  macDestination: null,
  vlan: null,
  length: 1057,
  truncated: false,
  arp: null,
  ip: null,
  icmp: null,
  tcp: null,
  udp: null,
};

const sighting = (way: Way, at: string, us: number, probe = 1): Sighting => ({
  hop: at,
  kind: way === 'forward' ? 'request' : 'reply',
  way,
  probe,
  packet: { ...PACKET, at: us * 1000 },
});

const captures: readonly CaptureReport[] = ['h1', 'h2', 'h3', 'h4'].map((id) => ({
  hop: id,
  command: [],
  error: null,
  packets: 1,
  droppedByKernel: 0,
}));

const seen = (sightings: readonly Sighting[], more: Partial<Seen> = {}): Seen => ({
  path: PATH,
  sightings,
  captures,
  probe: probeOf('icmp', 'timeout'),
  startedNs: STARTED_NS,
  ...more,
});

const FORWARDING_OFF_SEEN = [
  sighting('forward', 'h1', 21_908_996),
  sighting('forward', 'h2', 21_909_020),
  sighting('forward', 'h3', 21_909_020),
];

const CONTAINER_INPUT_SEEN = [
  sighting('forward', 'h1', 24_584_316),
  sighting('forward', 'h2', 24_584_336),
  sighting('forward', 'h3', 24_584_336),
  sighting('forward', 'h4', 24_584_363),
  sighting('return', 'h4', 24_584_376),
  sighting('return', 'h3', 24_584_381),
  sighting('return', 'h2', 24_584_383),
  sighting('return', 'h1', 24_584_384),
];

const FREE_IN_OUTPUT = `
            ping-23767   [001] .....  3024.999634: kfree_skb: skbaddr=ffff88811b576e00 rx_sk=0000000000000000 protocol=2048 location=nft_do_chain+0x3e8/0x610 reason: NETFILTER_DROP
`;

const OUTSIDE_SEEN = [
  sighting('forward', 'h1', 25_810_171),
  sighting('forward', 'h2', 25_810_195),
  sighting('forward', 'h3', 25_810_195),
  sighting('forward', 'h4', 25_810_222),
];

test('tells reason, function, place, time and way of a drop', () => {
  expect(toKernelDrops(witnessed(FORWARDING_OFF), seen(FORWARDING_OFF_SEEN))).toEqual([
    {
      probe: 1,
      reason: 'IP_INADDRERRORS',
      function: 'ip_error',
      device: 'br0',
      netns: 'host',
      at: 21_909_039_000,
      way: 'forward',
      link: 'h3-h4',
      stage: 'route',
      stages: ['route'],
      words: 'this host does not forward it: forwarding is off, or the address cannot be forwarded to',
      devices: ['eth0', 'veth1_p', 'br0'],
    },
  ]);
});

test("follows the reply into the container, past a device of another namespace with the container's name", () => {
  expect(toKernelDrops(witnessed(CONTAINER_INPUT), seen(CONTAINER_INPUT_SEEN))).toMatchObject([
    {
      function: 'nft_do_chain',
      device: 'eth0',
      netns: 'target',
      way: 'return',
      link: 'h0-h1',
      stages: ['prerouting', 'input'],
      devices: ['up0', 'br0', 'veth1_p', 'eth0'],
    },
  ]);
});

test("does not see what happens outside, though the device there has the container's name", () => {
  expect(witnessed(OUTSIDE).events.at(-1)?.kind).toBe('free');
  expect(toKernelDrops(witnessed(OUTSIDE), seen(OUTSIDE_SEEN))).toEqual([]);
});

test("what the last device's driver frees after it took the packet is no drop", () => {
  const sent = OUTSIDE.split('\n').filter((line) => !line.includes('dev=eth0') || line.includes('len=1057'));
  expect(toKernelDrops(witnessed(sent.join('\n')), seen(OUTSIDE_SEEN))).toEqual([]);
});

test('a capture that is late does not move the drop', () => {
  const late = [...FORWARDING_OFF_SEEN.slice(0, 2), sighting('forward', 'h3', 21_909_900)];
  expect(toKernelDrops(witnessed(FORWARDING_OFF), seen(late))).toMatchObject([{ link: 'h3-h4' }]);
});

test('reports nothing for a probe that was answered', () => {
  const answered = seen(FORWARDING_OFF_SEEN, { probe: probeOf('icmp', 'answered') });
  expect(toKernelDrops(witnessed(FORWARDING_OFF), answered)).toEqual([]);
});

test('a TCP segment is only likely ours', () => {
  const tcp = seen(FORWARDING_OFF_SEEN, { probe: probeOf('tcp', 'timeout') });
  expect(toKernelDrops(witnessed(FORWARDING_OFF), tcp)).toMatchObject([{ likely: true }]);
});

test('a reason that is not known is shown as it is', () => {
  const trace = FORWARDING_OFF.replace('IP_INADDRERRORS', 'SOMETHING_NEW').replace('ip_error', 'some_function');
  expect(toKernelDrops(witnessed(trace), seen(FORWARDING_OFF_SEEN))).toMatchObject([
    { reason: 'SOMETHING_NEW', function: 'some_function', stages: [], words: 'the kernel does not say why' },
  ]);
});

describe("where the uplink has the name of the container's device", () => {
  const path: Path = {
    ...PATH,
    hops: PATH.hops.map((each) => (each.id === 'h4' ? { ...each, ifname: 'eth0' } : each)),
  };
  /** The device outside is called up0. */
  const trace = CONTAINER_INPUT.split('\n')
    .map((line) => {
      const isOutside = /receive_skb: dev=eth0 skbaddr=ffff88811b576e00|584374|584375/.test(line);
      return isOutside ? line.replace('dev=eth0', 'dev=up0') : line.replace('dev=up0', 'dev=eth0');
    })
    .join('\n');
  const later = (us: number, probe: number): Sighting[] =>
    CONTAINER_INPUT_SEEN.map((each) => ({
      ...each,
      probe,
      packet: { ...each.packet, at: each.packet.at + us * 1000 },
    }));
  const drop = { netns: 'target', link: 'h0-h1', way: 'return' };

  test.each([-12, -9, -6, 0, 6, 9, 12])(
    'the order of the devices tells them apart, though the clocks differ by %i µs',
    (us) => {
      expect(toKernelDrops(witnessed(trace), seen(later(us, 1), { path }))).toMatchObject([{ probe: 1, ...drop }]);
    },
  );

  test('a buffer that another packet of the probe had before begins anew', () => {
    const request = trace.split('\n').slice(0, 8).join('\n');
    const second = trace
      .replaceAll('3024.58', '3024.60')
      .replaceAll('ffff88811b576e00', 'ffff2')
      .replaceAll('ffff88811b576200', 'ffff88811b576e00');
    const sightings = [...later(0, 1).slice(0, 4), ...later(20_012, 2)];
    const both = seen(sightings, { path, probe: probeOf('icmp', 'timeout', 'timeout') });
    expect(toKernelDrops(witnessed(`${request}${second}`), both)).toMatchObject([{ probe: 2, ...drop }]);
  });
});

describe('a drop of another packet', () => {
  const at = (trace: string, us: number, skb: string): string =>
    trace
      .replaceAll(/3021\.(\d{6})/g, (_, digits: string) => `3021.${`${Number(digits) + us}`.padStart(6, '0')}`)
      .replaceAll('ffff8881045c9e00', skb);

  test('at another time is not ours', () => {
    expect(toKernelDrops(witnessed(at(FORWARDING_OFF, 300, 'ffff1')), seen(FORWARDING_OFF_SEEN))).toEqual([]);
  });

  test('is not ours when another fits better', () => {
    const ours = FORWARDING_OFF.split('\n')
      .filter((line) => !line.includes('kfree_skb'))
      .join('\n');
    const trace = `${ours}\n${at(FORWARDING_OFF, 40, 'ffff1')}`;
    expect(toKernelDrops(witnessed(trace), seen(FORWARDING_OFF_SEEN))).toEqual([]);
  });

  test('makes both unusable when they cannot be told apart', () => {
    const trace = `${FORWARDING_OFF}\n${at(FORWARDING_OFF, 3, 'ffff1')}`;
    expect(toKernelDrops(witnessed(trace), seen(FORWARDING_OFF_SEEN))).toEqual([]);
  });

  test('in a buffer that was used again is not ours', () => {
    const [ours = '', drop = ''] = FORWARDING_OFF.split(/(?=\n.*kfree_skb)/);
    const later = `${ours}${drop.replace('3021.909039', '3021.959039')}`;
    expect(toKernelDrops(witnessed(later), seen(FORWARDING_OFF_SEEN))).toEqual([]);
    const elsewhere = `${ours}${drop.replace('[000]', '[001]')}`;
    expect(toKernelDrops(witnessed(elsewhere), seen(FORWARDING_OFF_SEEN))).toEqual([]);
  });

  test('in a function where packets wait is ours after seconds', () => {
    const waited = FORWARDING_OFF.replace('3021.909039', '3024.977175')
      .replace('[000] .Ns1.  3024', '[001] .Ns1.  3024')
      .replace('ip_error+0x94/0x210 reason: IP_INADDRERRORS', 'neigh_invalidate+0x7e/0x140 reason: NEIGH_FAILED');
    expect(toKernelDrops(witnessed(waited), seen(FORWARDING_OFF_SEEN))).toMatchObject([
      { function: 'neigh_invalidate', link: 'h3-h4', stage: 'neighbour', at: 24_977_175_000 },
    ]);
  });
});

test('what a capture did not see on transmit was dropped on the way to the device', () => {
  const queued = FORWARDING_OFF.replace(/(.*)3021\.909039: kfree_skb.*/, (_, head: string) =>
    [
      `${head}3021.909039: net_dev_queue: dev=up0 skbaddr=ffff8881045c9e00 len=1057`,
      `${head}3021.909040: kfree_skb: skbaddr=ffff8881045c9e00 protocol=2048 location=__dev_queue_xmit+0x1/0x2 reason: QDISC_DROP`,
    ].join('\n'),
  );
  const drop = { device: 'up0', link: 'h3-h4', stage: 'qdisc' };
  expect(toKernelDrops(witnessed(queued), seen(FORWARDING_OFF_SEEN))).toMatchObject([drop]);
  const uncaptured = captures.filter((capture) => capture.hop !== 'h4');
  expect(toKernelDrops(witnessed(queued), seen(FORWARDING_OFF_SEEN, { captures: uncaptured }))).toMatchObject([drop]);
});

describe('a drop in a system call', () => {
  const trace = FREE_IN_OUTPUT;
  const sender = (pid: number): Partial<Seen> => ({ probe: { ...probeOf('icmp', 'error'), pid } });

  test("of the probe is the container's", () => {
    expect(toKernelDrops(witnessed(trace), seen([], sender(23767)))).toMatchObject([
      {
        probe: 1,
        function: 'nft_do_chain',
        device: null,
        netns: 'target',
        link: 'h0-h1',
        stages: ['output', 'postrouting'],
      },
    ]);
  });

  test('of another process, or in an interrupt that came upon the probe, is not', () => {
    expect(toKernelDrops(witnessed(trace), seen([], sender(1)))).toEqual([]);
    expect(toKernelDrops(witnessed(trace.replace('.....', '..s1.')), seen([], sender(23767)))).toEqual([]);
  });
});

describe('where no capture ran', () => {
  const blind = (more: Partial<Seen> = {}): Seen => seen([], { captures: [], ...more });

  test('the order of the devices tells', () => {
    expect(toKernelDrops(witnessed(FORWARDING_OFF), blind())).toMatchObject([
      { probe: 1, function: 'ip_error', link: 'h3-h4', likely: true },
    ]);
    expect(toKernelDrops(witnessed(CONTAINER_INPUT), blind())).toMatchObject([
      { probe: 1, function: 'nft_do_chain', way: 'return', netns: 'target', likely: true },
    ]);
    expect(toKernelDrops(witnessed(OUTSIDE), blind())).toEqual([]);
  });

  test('more packets than probes are told apart by nothing', () => {
    const twice = `${FORWARDING_OFF}${FORWARDING_OFF.replaceAll('3021.', '3022.')}`;
    expect(toKernelDrops(witnessed(twice), blind())).toEqual([]);
    const two = blind({ probe: probeOf('icmp', 'timeout', 'answered') });
    expect(toKernelDrops(witnessed(twice), two)).toMatchObject([{ probe: 1 }]);
  });

  test('a capture that ran and saw nothing says that nothing was sent', () => {
    expect(toKernelDrops(witnessed(FORWARDING_OFF), seen([]))).toEqual([]);
  });
});
