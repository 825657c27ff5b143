import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Hop, Path } from '../../src/model/path.js';
import { probeControl } from '../../src/probe/probe.js';
import { hop } from '../helpers/path-parts.js';
import { bundle } from './helpers/bundle.js';
import { FLOW, TEXTBOOK_PATH } from './helpers/path.js';
import { createTextbook, notRoot, type Textbook } from './helpers/textbook.js';
import { type Traced, trace } from './helpers/trace.js';

let lab: Textbook;
let script: string;
let server: ChildProcess | null = null;

beforeAll(async () => {
  script = await bundle('src/probe/tcp-probe.ts');
});
afterAll(() => rmSync(dirname(script), { recursive: true }));

beforeEach(async () => {
  lab = await createTextbook();
});
afterEach(() => {
  server?.kill('SIGKILL');
  server = null;
  lab.dispose();
});

const LISTEN = "require('net').createServer((s) => s.on('error', () => {})).listen(80, () => console.log('up'))";

const listen = async (): Promise<void> => {
  server = spawn('nsenter', [`--net=${lab.ref('outside').path}`, '--', process.execPath, '-e', LISTEN]);
  if (server.stdout !== null) await once(server.stdout, 'data');
};

const seen = ({ located }: Traced): string =>
  located.counts.map((count) => `${count.hop} ${count.forward}/${count.return}`).join(', ');

const at = (link: string, lastSeen: string, firstMissing: string) => ({ link, lastSeen, firstMissing });

const captured = { error: null, droppedByKernel: 0 };
const NAT = [
  { way: 'forward', fromHop: 'h3', toHop: 'h4', field: 'source', before: '192.168.0.2', after: '198.51.100.10' },
  { way: 'return', fromHop: 'h4', toHop: 'h3', field: 'destination', before: '198.51.100.10', after: '192.168.0.2' },
];
const ALL_SEEN = 'h0 3/3, h1 3/3, h2 3/3, h3 3/3, h4 3/3, h5 0/0';

describe.skipIf(notRoot)('a healthy textbook network', () => {
  test('shows every ICMP probe at every hop in both ways, with the NAT rewrite', async () => {
    const traced = await trace(lab);
    expect(seen(traced)).toBe(ALL_SEEN);
    expect(traced.reports).toMatchObject([captured, captured, captured, captured]);
    expect(traced.located).toMatchObject({ answered: 3, lost: 0, way: null, forwardBreak: null, returnBreak: null });
    expect(traced.located).toMatchObject({ lossy: [], doubts: [], errors: [], answeredBefore: null, rewrites: NAT });
  });

  test('shows every TCP probe, though MASQUERADE changes the source port', async () => {
    await listen();
    await lab.run('router', 'iptables -t nat -F');
    await lab.run('router', 'iptables -t nat -A POSTROUTING -o eth0 -p tcp -j MASQUERADE --to-ports 61000-61010');
    const traced = await trace(lab, { flow: { protocol: 'tcp', port: 80 }, script });
    expect(seen(traced)).toBe(ALL_SEEN);
    expect(traced.probe.answers.map((answer) => answer.outcome)).toEqual(['answered', 'answered', 'answered']);
    const [rewrite] = traced.located.rewrites;
    expect(rewrite).toMatchObject({ field: 'source', before: expect.stringMatching(/^192\.168\.0\.2:\d+$/) });
    expect(rewrite?.after).toMatch(/^198\.51\.100\.10:610\d\d$/);
  });

  test('counts a refused connection as an answer', async () => {
    const traced = await trace(lab, { flow: { protocol: 'tcp', port: 80 }, script });
    expect(seen(traced)).toBe(ALL_SEEN);
    expect(traced.probe.answers.map((answer) => answer.outcome)).toEqual(['refused', 'refused', 'refused']);
  });

  test('counts a refused IPv6 connection as an answer', async () => {
    const flow = {
      family: 6,
      protocol: 'tcp',
      port: 80,
      source: '2001:db8:1::2',
      destination: '2001:db8:2::1',
    } as const;
    const traced = await trace(lab, { flow, script });
    expect(seen(traced)).toBe(ALL_SEEN);
    expect(traced.probe.answers[0]).toMatchObject({ outcome: 'refused', text: 'Connection refused' });
  });

  test('answers the control probe from the router itself', async () => {
    const settings = {
      protocol: 'icmp',
      count: 2,
      intervalMs: 20,
      size: 56,
      df: false,
      source: '192.168.0.2',
      mark: 0,
      timeoutMs: 400,
    } as const;
    const control = await probeControl(lab.ref('router'), FLOW, settings, 'cafecafe');
    expect(control).toMatchObject({ sent: 2, answered: 2, localError: null, failure: null });
    expect(control.command).not.toContain('-I');
  });

  test('shows IPv6 at every hop', async () => {
    const traced = await trace(lab, { flow: { family: 6, source: '2001:db8:1::2', destination: '2001:db8:2::1' } });
    expect(seen(traced)).toBe(ALL_SEEN);
    expect(traced.located.rewrites).toEqual([]);
  });

  test('shows an IPv6 probe that is sent in fragments', async () => {
    const flow = { family: 6, source: '2001:db8:1::2', destination: '2001:db8:2::1' } as const;
    expect(seen(await trace(lab, { flow, settings: { size: 3000 } }))).toBe(ALL_SEEN);
  });

  test.each([4, 15, 17, 20, 3000])('recognises probes with %i bytes of payload', async (size) => {
    const traced = await trace(lab, { settings: { size } });
    expect(seen(traced)).toBe(ALL_SEEN);
  });
});

describe.skipIf(notRoot)('two containers on one bridge', () => {
  const flow = { kind: 'lateral', destination: '192.168.0.3', destinationText: '192.168.0.3' } as const;
  const hops = (...middle: Hop[]): Path => ({
    ...TEXTBOOK_PATH,
    routers: [],
    hops: [
      ...TEXTBOOK_PATH.hops.slice(0, 3),
      ...middle,
      hop('h4', 'bridge-port', 'router', 'veth2_p'),
      hop('h5', 'peer', 'outside', 'eth0'),
      hop('h6', 'service', 'outside', null),
    ],
  });

  beforeEach(async () => {
    await lab.run('router', 'ip link add veth2_p type veth peer name eth0 netns OUTSIDE');
    await lab.run('router', 'ip link set veth2_p master br0 up');
    await lab.run('outside', 'ip addr add 192.168.0.3/24 dev eth0');
    await lab.run('outside', 'ip link set eth0 up');
  });

  test('are seen at both ports', async () => {
    const traced = await trace(lab, { flow, path: hops() });
    expect(seen(traced)).toBe('h0 3/3, h1 3/3, h2 3/3, h4 3/3, h5 3/3, h6 0/0');
  });

  test('are not seen on the bridge itself, which is doubted and not blamed', async () => {
    await lab.run('outside', 'iptables -A INPUT -p icmp -j DROP');
    const { located } = await trace(lab, { flow, path: hops(hop('h3', 'bridge', 'router', 'br0')) });
    expect(located.forwardBreak).toMatchObject(at('h5-h6', 'h5', 'h6'));
    expect(located.doubts).toEqual(['br0 missed requests that were seen beyond it']);
  });
});

interface Fault {
  readonly name: string;
  readonly breaks: readonly (readonly ['target' | 'router' | 'outside', string])[];
  readonly seen: string;
  readonly forwardBreak: { link: string; lastSeen: string; firstMissing: string } | null;
  readonly returnBreak: { link: string; lastSeen: string; firstMissing: string } | null;
}

const FAULTS: readonly Fault[] = [
  {
    name: 'ip_forward off: the request ends between bridge and uplink',
    breaks: [['router', 'sysctl -qw net.ipv4.ip_forward=0']],
    seen: 'h0 3/0, h1 3/0, h2 3/0, h3 3/0, h4 0/0, h5 0/0',
    forwardBreak: at('h3-h4', 'h3', 'h4'),
    returnBreak: null,
  },
  {
    name: 'no MASQUERADE: the request leaves and no reply comes',
    breaks: [['router', 'iptables -t nat -F']],
    seen: 'h0 3/0, h1 3/0, h2 3/0, h3 3/0, h4 3/0, h5 0/0',
    forwardBreak: at('h4-h5', 'h4', 'h5'),
    returnBreak: null,
  },
  {
    name: 'FORWARD drops the reply: it ends between uplink and bridge',
    breaks: [['router', 'iptables -A FORWARD -i eth0 -j DROP']],
    seen: 'h0 3/0, h1 3/0, h2 3/0, h3 3/0, h4 3/3, h5 0/0',
    forwardBreak: null,
    returnBreak: at('h3-h4', 'h4', 'h3'),
  },
  {
    name: "the container's INPUT drops the reply: it ends inside the container",
    breaks: [['target', 'iptables -A INPUT -p icmp -j DROP']],
    seen: 'h0 3/0, h1 3/3, h2 3/3, h3 3/3, h4 3/3, h5 0/0',
    forwardBreak: null,
    returnBreak: at('h0-h1', 'h1', 'h0'),
  },
  {
    name: "the container's OUTPUT drops the request: it never leaves",
    breaks: [['target', 'iptables -A OUTPUT -p icmp -j DROP']],
    seen: 'h0 3/0, h1 0/0, h2 0/0, h3 0/0, h4 0/0, h5 0/0',
    forwardBreak: at('h0-h1', 'h0', 'h1'),
    returnBreak: null,
  },
  {
    name: 'no default route in the container: nothing is sent',
    breaks: [['target', 'ip route del default']],
    seen: 'h0 0/0, h1 0/0, h2 0/0, h3 0/0, h4 0/0, h5 0/0',
    forwardBreak: at('h0-h1', 'h0', 'h1'),
    returnBreak: null,
  },
  {
    name: 'uplink down: the request ends before it',
    breaks: [['router', 'ip link set eth0 down']],
    seen: 'h0 3/0, h1 3/0, h2 3/0, h3 3/0, h4 0/0, h5 0/0',
    forwardBreak: at('h3-h4', 'h3', 'h4'),
    returnBreak: null,
  },
];

describe.skipIf(notRoot)('a broken textbook network', () => {
  test.each(FAULTS)('$name', async ({ breaks, seen: counts, forwardBreak, returnBreak }) => {
    for (const [place, command] of breaks) await lab.run(place, command);
    const traced = await trace(lab);
    expect(seen(traced)).toBe(counts);
    expect(traced.located).toMatchObject({
      forwardBreak: forwardBreak && { ...forwardBreak, ambiguous: [] },
      returnBreak: returnBreak && { ...returnBreak, ambiguous: [] },
      way: forwardBreak === null ? 'return' : 'forward',
      lost: 3,
      answered: 0,
      doubts: [],
    });
  });

  test('wrong gateway: the request waits in the container for an ARP reply that never comes', async () => {
    await lab.run('target', 'ip route replace default via 192.168.0.99');
    const { located } = await trace(lab);
    expect(located.forwardBreak).toMatchObject(at('h0-h1', 'h0', 'h1'));
    expect(located.neighbour[0]).toMatchObject({ hop: 'h1', address: '192.168.0.99', asker: '192.168.0.2' });
    expect(located.neighbour.map(({ hop }) => hop)).toEqual(['h1', 'h2', 'h3']);
  });

  test('REJECT: the error is named, with its sender and the hop that saw it first', async () => {
    await lab.run('router', 'iptables -A FORWARD -j REJECT --reject-with icmp-host-prohibited');
    const { located, probe } = await trace(lab);
    expect(located.forwardBreak).toMatchObject(at('h3-h4', 'h3', 'h4'));
    expect(located.errors).toMatchObject([
      { hop: 'h3', from: '192.168.0.1', words: 'host administratively prohibited', way: 'return', probes: [1, 2, 3] },
    ]);
    expect(probe.answers[0]).toMatchObject({
      outcome: 'error',
      text: 'Destination Host Prohibited',
      from: '192.168.0.1',
    });
  });

  test('TCP: a reply that FORWARD drops is a break on the return', async () => {
    await listen();
    await lab.run('router', 'iptables -A FORWARD -i eth0 -j DROP');
    const traced = await trace(lab, { flow: { protocol: 'tcp', port: 80 }, script });
    expect(seen(traced)).toBe('h0 3/0, h1 3/0, h2 3/0, h3 3/0, h4 3/3, h5 0/0');
    expect(traced.located.returnBreak).toMatchObject(at('h3-h4', 'h4', 'h3'));
  });

  test('TCP: an ICMP error is matched to each probe', async () => {
    await lab.run('router', 'iptables -A FORWARD -i br0 -j REJECT --reject-with icmp-host-prohibited');
    const { located, probe } = await trace(lab, { flow: { protocol: 'tcp', port: 80 }, script });
    expect(located.forwardBreak).toMatchObject(at('h3-h4', 'h3', 'h4'));
    expect(located.errors[0]).toMatchObject({ hop: 'h3', probes: [1, 2, 3] });
    expect(probe.answers[0]).toMatchObject({ outcome: 'error', text: 'No route to host' });
  });

  test('TCP: a reset made by the host is no answer: the request is lost where a rule rejected it', async () => {
    await lab.run('router', 'iptables -A FORWARD -i br0 -p tcp -j REJECT --reject-with tcp-reset');
    const { located } = await trace(lab, { flow: { protocol: 'tcp', port: 80 }, script });
    expect(located).toMatchObject({ answered: 0, lost: 3, way: 'forward', answeredBefore: 'h4', doubts: [] });
    expect(located.forwardBreak).toMatchObject({ link: 'h3-h4', lastSeen: 'h3' });
  });

  test('one packet of three dropped: a lossy link and no break', async () => {
    await lab.run('router', 'iptables -A FORWARD -i br0 -m statistic --mode nth --every 3 --packet 0 -j DROP');
    const { located } = await trace(lab);
    expect(located).toMatchObject({ answered: 2, lost: 1, forwardBreak: null, way: null });
    expect(located.lossy).toEqual([{ link: 'h3-h4', way: 'forward', lost: 1, of: 3 }]);
  });
});
