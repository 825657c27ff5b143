import { expect, test } from 'vitest';
import { LiveSightings } from '../../../src/engine/live.js';
import type { Flow } from '../../../src/model/flow.js';
import type { Packet } from '../../../src/model/packet.js';
import { packetsOf } from '../helpers/pcap-fixture.js';
import { FLOW } from '../helpers/textbook-path.js';

const flow: Flow = { ...FLOW, protocol: 'tcp', port: 80 };
const [first] = packetsOf('container-tcp');
if (!first?.ip || !first.tcp) throw new Error('the fixture has changed');
const { ip, tcp } = first;

const syn = (source: string, sequence: number): Packet => ({
  ...first,
  ip: { ...ip, source },
  tcp: { ...tcp, sequence },
});
const reset = (acknowledgement: number): Packet => ({ ...first, tcp: { ...tcp, flags: ['RST'], acknowledgement } });

const CONTAINER = '192.168.0.2';
const HOST = '198.51.100.10';
const open = (source: string | null = CONTAINER): LiveSightings =>
  new LiveSightings({
    flow,
    token: 'cafe',
    own: [],
    from: { source, destination: flow.destination, nearest: 'h1' },
  });
const seen = ({ all }: LiveSightings) => all.map(({ hop, way, probe }) => `${hop} ${way} ${probe}`);

test('the connections of others, the control among them, are not counted as the probe', () => {
  const live = open();
  live.note('h4', syn(HOST, 7));
  live.note('h1', syn(CONTAINER, 1));
  live.note('h3', syn(CONTAINER, 1));
  live.note('h4', syn(HOST, 1));
  live.note('h4', syn(HOST, 7));
  expect(seen(live)).toEqual(['h1 forward 1', 'h3 forward 1', 'h4 forward 1']);
});

test('what one capture delivers before the other saw the probe leave is told as soon as it is known', () => {
  const live = open();
  live.note('h4', syn(HOST, 1));
  live.note('h4', reset(2));
  live.note('h4', reset(8));
  expect(seen(live)).toEqual([]);
  live.note('h1', syn(CONTAINER, 1));
  expect(seen(live)).toEqual(['h1 forward 1', 'h4 forward 1', 'h4 return 1']);
  live.note('h1', syn(CONTAINER, 5));
  expect(seen(live)).toHaveLength(4);
});

test('anybody may connect where others are waited for', () => {
  const live = open(null);
  live.note('h4', syn('203.0.113.77', 7));
  expect(seen(live)).toEqual(['h4 forward 1']);
});
