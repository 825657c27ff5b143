import { describe, expect, test } from 'vitest';
import { asEthernet } from '../../../src/report/pcapng/ethernet.js';
import { renderPcapng } from '../../../src/report/pcapng/pcapng.js';
import { redactRun } from '../../../src/report/redact/redact-run.js';
import { hostileRun } from '../../helpers/hostile-run.js';
import { readPcapng } from '../../helpers/read-pcapng.js';
import { smallRun } from '../../helpers/small-run.js';
import { storedRun, storedRunNames } from '../../helpers/stored-runs.js';

const rendered = (name: string, only?: string) => {
  const bytes = renderPcapng(storedRun(name), only);
  if (!bytes) throw new Error('no pcapng');
  return readPcapng(Buffer.from(bytes));
};

describe.each(storedRunNames)('%s', (name) => {
  const run = storedRun(name);
  const file = rendered(name);

  test('an interface for each captured hop, all with one link type and snap length', () => {
    expect(file.interfaces.map((entry) => entry.name)).toEqual([
      '1 eth0@net1',
      '2 veth1_p@prod-7',
      '3 br0@prod-7',
      '4 eth0@prod-7',
    ]);
    expect(new Set(file.interfaces.map(({ linkType, snapLength }) => `${linkType} ${snapLength}`))).toEqual(
      new Set(['1 262144']),
    );
  });

  test('every captured frame, byte for byte, in time order', () => {
    const expected = (run.evidence?.frames ?? []).toSorted((a, b) => a.at - b.at);
    expect(file.packets.map((packet) => packet.data.toString('base64'))).toEqual(expected.map((frame) => frame.data));
    expect(file.packets.map((packet) => file.interfaces[packet.interfaceId]?.name.split(' ')[0])).toEqual(
      expected.map((frame) => frame.hop.slice(1)),
    );
    const times = file.packets.map((packet) => packet.ns);
    expect(times).toEqual(times.toSorted((a, b) => Number(a - b)));
  });

  test('the files of the hops hold all packets together', () => {
    const counts = run.path.hops.filter((hop) => hop.captured).map((hop) => rendered(name, hop.id).packets.length);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(file.packets.length);
  });

  test('statistics carry the drops of each capture', () => {
    expect(file.statistics.map(({ dropped }) => dropped)).toEqual([0n, 0n, 0n, 0n]);
  });
});

test('times are absolute, to the nanosecond', () => {
  const run = storedRun('healthy');
  const first = Math.min(...(run.evidence?.frames ?? []).map((frame) => frame.at));
  expect(rendered('healthy').packets[0]?.ns).toBe(BigInt(Date.parse(run.run.started)) * 1_000_000n + BigInt(first));
});

test('comments: the diagnosis on the section, last seen on each lost probe, NAT where it happened', () => {
  const broken = rendered('host-ip-forward-off');
  expect(broken.comment).toMatch(/^error V3001: host does not forward packets/);
  expect(broken.packets.flatMap((packet) => packet.comments)).toEqual(
    [1, 2, 3].map((probe) => `probe ${probe}: request last seen here, on hop 3 br0`),
  );
  const healthy = rendered('healthy').packets.flatMap((packet) => packet.comments);
  expect(healthy).toHaveLength(6);
  expect(healthy[0]).toBe('NAT: source 192.168.0.2 became 198.51.100.10 since hop 3 br0');
});

test('names are resolved in a file that is not redacted alone', () => {
  expect(rendered('healthy').names).toEqual([['192.168.0.2', 'net1']]);
  const redacted = renderPcapng(redactRun(storedRun('healthy')).run);
  expect(readPcapng(Buffer.from(redacted ?? [])).names).toEqual([]);
});

test('a redacted file holds no original address or name', () => {
  const bytes = Buffer.from(renderPcapng(redactRun(storedRun('nf-reject-host-prohibited')).run) ?? []);
  for (const original of ['prod-7', 'net1', '203.0.113.5', '192.168.0.2', '198.51.100', 'cb007105', 'c0a80002'])
    expect(bytes.includes(original)).toBe(false);
  for (const address of [
    [203, 0, 113, 5],
    [192, 168, 0, 2],
    [198, 51, 100, 10],
  ])
    expect(bytes.includes(Buffer.from(address))).toBe(false);
});

test('hostile names are inert in comments and interface names', () => {
  const { interfaces, comment } = readPcapng(Buffer.from(renderPcapng(hostileRun(storedRun('healthy'))) ?? []));
  for (const text of [comment, ...interfaces.map(({ name }) => name)])
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
});

test('a run without frames gives no file', () => {
  expect(renderPcapng(smallRun('1'))).toBeNull();
});

describe('a device without an Ethernet header', () => {
  const packet = '4500001400000000400100000a0000010a000002';

  test.each([
    ['raw IP', 101, packet],
    ['raw IP, BSD number', 12, packet],
    ['Linux cooked', 113, `0000000100060200000000010000${'0800'}${packet}`],
    ['Linux cooked v2', 276, `0800000000000002000100060200000000010000${packet}`],
  ])('%s gets one', (_name, linkType, hex) => {
    const made = asEthernet({
      hop: 'h1',
      at: 0,
      length: hex.length / 2,
      linkType,
      data: Buffer.from(hex, 'hex').toString('base64'),
    });
    expect(made?.bytes.toString('hex')).toBe(`${'00'.repeat(12)}0800${packet}`);
    expect(made).toMatchObject({ made: true, length: 34 });
  });

  test('another link type is left out', () => {
    expect(asEthernet({ hop: 'h1', at: 0, length: 4, linkType: 127, data: 'AAAA' })).toBeNull();
  });
});
