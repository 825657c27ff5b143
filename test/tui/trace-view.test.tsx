import { expect, test, vi } from 'vitest';
import type { KernelDrop } from '../../src/model/evidence.js';
import type { Run, RunEvent } from '../../src/model/run.js';
import type { Watched } from '../../src/model/watch.js';
import { SkinContext } from '../../src/tui/hooks/use-skin.js';
import { DEFAULT_KEYMAP } from '../../src/tui/keymap.js';
import type { Session } from '../../src/tui/session.js';
import { createStore } from '../../src/tui/store/throttled-store.js';
import { foldTrace, startOfTrace, type TraceEvent, type TraceState } from '../../src/tui/store/trace-state.js';
import type { Size } from '../../src/tui/terminal/size.js';
import { skinOf, type ThemeName } from '../../src/tui/theme.js';
import { TraceView } from '../../src/tui/views/trace-view.js';
import { eventually, renderTui } from '../helpers/render-tui.js';
import {
  brokenForward,
  brokenReturn,
  diagnosisEvent,
  eventsOf,
  FINDING,
  healthy,
  STARTED,
  textbook,
} from '../helpers/tui-trace.js';

const SMALL: Size = { columns: 80, rows: 24 };
const WIDE: Size = { columns: 100, rows: 30 };

interface Look {
  readonly size: Size;
  readonly ascii?: boolean;
  readonly color?: boolean;
  readonly theme?: ThemeName;
}

/** The trace screen on given events; what keys start is recorded. */
const screen = (events: readonly TraceEvent[], { size, ascii = false, color = false, theme = 'auto' }: Look) => {
  const store = createStore<TraceState, TraceEvent>(startOfTrace(STARTED), foldTrace, { intervalMs: 0 });
  for (const event of events) store.dispatch(event);
  const calls = { probe: vi.fn(), hold: vi.fn(), copy: vi.fn(), quit: vi.fn(), interrupt: vi.fn() };
  const session: Session = {
    subject: { target: 'net1', destination: '203.0.113.5' },
    store,
    probe: calls.probe,
    hold: calls.hold,
    stop: async () => {},
    lastRun: () => null,
    probed: Promise.resolve(),
  };
  const page = {
    code: 'V3001',
    cause: 'host-ip-forward-off',
    meaning: 'every packet is dropped',
    path: 'bridge, route',
    decided: 'by the sysctl',
    byHand: ['sysctl net.ipv4.ip_forward'],
    origins: ['a hardening role'],
    fixes: ['turn it on'],
    prevention: 'a file in sysctl.d',
  };
  const tui = renderTui(
    <SkinContext.Provider value={skinOf({ theme, color, ascii })}>
      <TraceView
        session={session}
        keymap={DEFAULT_KEYMAP}
        host="prod-7"
        limitMs={15_000}
        now={() => STARTED + 2000}
        explain={(code) => (code === 'V3001' ? page : null)}
        copy={calls.copy}
        report={async () => 'stored'}
        quit={calls.quit}
        signal={calls.interrupt}
      />
    </SkinContext.Provider>,
    size,
  );
  return { ...tui, store, calls };
};

const finished = (run: Run): TraceEvent => ({ type: 'finished', run, at: STARTED + 1400 });
const ofRun = (events: readonly RunEvent[], run: Run): readonly TraceEvent[] => [
  ...events,
  diagnosisEvent(),
  finished(run),
];

const CASES: readonly (readonly [string, readonly TraceEvent[]])[] = [
  ['running', eventsOf({ requests: 2, replies: null })],
  ['healthy', ofRun(eventsOf({ requests: 4, replies: 1 }), healthy())],
  ['broken-forward', ofRun(eventsOf({ requests: 3, replies: null }), brokenForward())],
  ['broken-return', ofRun(eventsOf({ requests: 4, replies: 4 }), brokenReturn())],
];

test.each(CASES)('golden frames: %s', async (name, events) => {
  for (const size of [SMALL, WIDE])
    for (const ascii of [false, true]) {
      const { text } = screen(events, { size, ascii });
      const file = `frames/${name}-${size.columns}x${size.rows}-${ascii ? 'ascii' : 'utf8'}.txt`;
      await expect(`${text()}\n`).toMatchFileSnapshot(file);
    }
});

test('below the smallest size there is one clear text, and a key that quits', async () => {
  for (const ascii of [false, true]) {
    const events = ofRun(eventsOf({ requests: 3, replies: null }), brokenForward());
    const { text, press, calls } = screen(events, { size: { columns: 40, rows: 12 }, ascii });
    await expect(`${text()}\n`).toMatchFileSnapshot(`frames/broken-forward-40x12-${ascii ? 'ascii' : 'utf8'}.txt`);
    press('q');
    await eventually(() => expect(calls.quit).toHaveBeenCalledWith(false));
  }
});

test('the break stands at its own stage: those before let the packet pass, those behind were not reached', () => {
  const text = screen(ofRun(eventsOf({ requests: 3, replies: null }), brokenForward()), { size: WIDE }).text();
  expect(text).toMatch(/prerouting +ok .*\n.* route +BREAK .*\n.* forward +not reached /);
  const back = screen(ofRun(eventsOf({ requests: 4, replies: 4 }), brokenReturn()), { size: WIDE }).text();
  expect(back).toMatch(/route +ok .*\n.* forward +BREAK, back/);
});

test.each(CASES)('%s: no row is wider than the screen, and none is the last', (_name, events) => {
  for (const size of [SMALL, WIDE, { columns: 131, rows: 43 }]) {
    const rows = screen(events, { size }).text().split('\n');
    expect(rows.length).toBe(size.rows - 1);
    for (const row of rows) expect([...row].length).toBeLessThanOrEqual(size.columns);
  }
});

test.each(CASES)('%s: ascii is ascii, and without colour there is no attribute', (_name, events) => {
  for (const size of [SMALL, WIDE]) expect(screen(events, { size, ascii: true }).frame()).toMatch(/^[\n\x20-\x7e]*$/);
});

test('colour adds attributes of the 16 ANSI colours and no other text', () => {
  const events = ofRun(eventsOf({ requests: 3, replies: null }), brokenForward());
  const plain = screen(events, { size: WIDE });
  for (const theme of ['dark', 'light', 'mono', 'cb'] as const) {
    const coloured = screen(events, { size: WIDE, color: true, theme });
    expect(coloured.text()).toBe(plain.text());
    expect(coloured.frame()).not.toBe(plain.frame());
    for (const [, code] of coloured.frame().matchAll(/\u001b\[([0-9;]*)m/g))
      expect(code).toMatch(/^(0|1|2|7|22|27|3[0-79]|9[0-7])$/);
  }
});

test('exactly one break is drawn, also on the way back', () => {
  for (const run of [brokenForward(), brokenReturn()])
    for (const size of [SMALL, WIDE]) {
      const text = screen(ofRun(eventsOf({ requests: 3, replies: null }), run), { size }).text();
      expect(text.match(/✗/g)).toHaveLength(1);
      expect(text.match(/stops? here: /g)).toHaveLength(1);
    }
});

test('counts grow while packets arrive', async () => {
  const { store, text } = screen(eventsOf({ requests: 0, replies: null }), { size: WIDE });
  expect(text()).toMatch(/sent {2}0/);
  for (const event of eventsOf({ requests: 2, replies: null }).filter(({ type }) => type === 'arrival'))
    store.dispatch(event);
  await eventually(() => expect(text()).toMatch(/sent {2}3 .*seen {2}3 .*seen {2}0/));
});

test('a selected hop shows its own packets; escape shows all again', async () => {
  const { press, text } = screen(ofRun(eventsOf({ requests: 3, replies: null }), brokenForward()), {
    size: { columns: 100, rows: 44 },
  });
  expect(text()).toMatch(/│ 02:51:07\.\d+ 2 veth1_p/);
  press('k');
  await eventually(() => expect(text()).toMatch(/>3 {1,2}br0/));
  expect(text()).toMatch(/\d+ 3 br0 .*last seen/);
  expect(text()).not.toMatch(/\d+ 2 veth1_p .*echo/);
  press('\u001b');
  await eventually(() => expect(text()).toMatch(/\d+ 2 veth1_p .*echo/));
});

test('the rules tab marks the rule that hit', async () => {
  const { press, text } = screen(ofRun(eventsOf({ requests: 3, replies: null }), brokenForward()), { size: WIDE });
  press('2');
  await eventually(() => expect(text()).toMatch(/▶ nft ip nat POSTROUTING 1: -A POSTROUTING/));
  expect(text()).toContain('forwarding off on br0 drop');
});

test('f shows the plan and starts nothing', async () => {
  const { press, text, calls } = screen(ofRun(eventsOf({ requests: 3, replies: null }), brokenForward()), {
    size: SMALL,
  });
  press('f');
  await eventually(() => expect(text()).toContain('PLAN OF THE FIX'));
  expect(text()).toMatch(/~ +sysctl -w net\.ipv4\.ip_forward=1/);
  expect(text()).toMatch(/undo +sysctl -w net\.ipv4\.ip_forward=0/);
  expect(text()).toMatch(/risk +medium: /);
  expect(text()).toContain('nothing is done here');
  expect([calls.probe, calls.copy].flatMap(({ mock }) => mock.calls)).toEqual([]);
});

test('e explains the cause, ? lists every key', async () => {
  const { press, text } = screen(ofRun(eventsOf({ requests: 3, replies: null }), brokenForward()), {
    size: { columns: 100, rows: 44 },
  });
  press('e');
  await eventually(() => expect(text()).toContain('every packet is dropped'));
  press('?');
  await eventually(() => expect(text()).toContain('KEYS'));
  for (const { help } of DEFAULT_KEYMAP) expect(text()).toContain(help);
});

test('y copies the commands of the fix', async () => {
  const { press, calls, text } = screen(ofRun(eventsOf({ requests: 3, replies: null }), brokenForward()), {
    size: WIDE,
  });
  press('y');
  await eventually(() => expect(calls.copy).toHaveBeenCalledWith('sysctl -w net.ipv4.ip_forward=1'));
  await eventually(() => expect(text()).toContain('printed again at exit'));
});

test('p probes again, q quits, ctrl-c interrupts also while typing', async () => {
  const { press, calls } = screen(CASES[1]?.[1] ?? [], { size: WIDE });
  press('p');
  await eventually(() => expect(calls.probe).toHaveBeenCalledOnce());
  press('/');
  press('q');
  press('\u0003');
  await eventually(() => expect(calls.interrupt).toHaveBeenCalledOnce());
  expect(calls.quit).not.toHaveBeenCalled();
  press('\r');
  press('q');
  await eventually(() => expect(calls.quit).toHaveBeenCalledOnce());
});

test('the filter leaves the packets that have the text', async () => {
  const { press, text } = screen(CASES[1]?.[1] ?? [], { size: { columns: 100, rows: 44 } });
  press('/');
  press('reply seq 2');
  press('\r');
  await eventually(() => expect(text()).toContain('PACKETS with: reply seq 2'));
  expect(text().match(/echo (?:request|reply)/g)).toHaveLength(4);
});

test('space holds the screen still, and lets it go on', async () => {
  const { press, text, store, calls } = screen(eventsOf({ requests: 0, replies: null }), { size: WIDE });
  press(' ');
  await eventually(() => expect(text()).toContain('● paused'));
  expect(calls.hold).toHaveBeenLastCalledWith(true);
  for (const event of eventsOf({ requests: 2, replies: null })) store.dispatch(event);
  expect(text()).toMatch(/sent {2}0/);
  press(' ');
  await eventually(() => expect(text()).toMatch(/sent {2}3/));
  expect(calls.hold).toHaveBeenLastCalledWith(false);
});

test('a resize draws the other form; below 80x24 it says what it needs', async () => {
  const { resize, text } = screen(ofRun(eventsOf({ requests: 3, replies: null }), brokenForward()), { size: WIDE });
  resize(SMALL);
  await eventually(() => expect(text()).toMatch(/^ out ▶ /m));
  resize({ columns: 40, rows: 12 });
  await eventually(() => expect(text()).toContain('terminal is 40x12'));
  await expect(`${text()}\n`).toMatchFileSnapshot('frames/too-small-40x12.txt');
  resize(WIDE);
  await eventually(() => expect(text()).toContain('┌─ PATH'));
});

test('hostile names and texts never reach the terminal raw', () => {
  const evil = 'a\u001b[2J\u202e\u0007\u4e2d';
  const path = textbook({ 2: evil, 3: 'ß\u0301' });
  const run = brokenForward(path);
  const hostile: Run = {
    ...run,
    run: { ...run.run, hostname: evil },
    target: { ...run.target, name: evil },
    diagnosis: { ...run.diagnosis, title: evil },
    findings: [{ ...FINDING, title: evil, evidence: [{ kind: 'read', text: `x\n${evil}` }] }],
  };
  for (const size of [SMALL, WIDE]) {
    const { frame, text } = screen(ofRun(eventsOf({ requests: 3, replies: null }, path), hostile), { size });
    expect(frame()).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e\u4e2d]|\u0301/);
    expect(text()).toContain('a\\x1b[2J\\u202e\\x07\\u4e2d');
    for (const row of text().split('\n')) expect([...row].length).toBeLessThanOrEqual(size.columns);
  }
});

const WATCHED: Watched = {
  startedAt: STARTED,
  rounds: 3,
  sent: 30,
  answered: 20,
  refused: 0,
  hops: [1, 2, 3, 4].map((hop) => ({
    hop: `h${hop}`,
    name: ['', 'eth0', 'veth1_p', 'br0', 'eth0'][hop] ?? '',
    forward: hop < 4 ? 30 : 20,
    return: 20,
    delays: { min: 0.05, median: 0.1, p99: 12.5, jitter: 0.02 },
    recent: [0.05, 0.1, 0.2, 12.5, null, null, 0.1],
  })),
  changes: [
    { at: STARTED, kind: 'status', text: 'ok: 203.0.113.5 answers net1' },
    { at: STARTED + 1000, kind: 'met', text: 'now: out route: forwarding off on br0 drop' },
  ],
  forgotten: 0,
  lastRun: brokenForward(),
  lastOk: null,
  fault: null,
};

test('golden frames: watch', async () => {
  const events: readonly TraceEvent[] = [
    ...eventsOf({ requests: 3, replies: null }),
    { type: 'watched', watched: WATCHED },
  ];
  for (const size of [SMALL, WIDE])
    for (const ascii of [false, true]) {
      const { text } = screen(events, { size, ascii });
      const file = `frames/watch-${size.columns}x${size.rows}-${ascii ? 'ascii' : 'utf8'}.txt`;
      await expect(`${text()}\n`).toMatchFileSnapshot(file);
      expect(text()).toMatch(/1 eth0 +30 +20 +33\.3% +0\.05 +0\.10 +12\.5 +0\.02/);
      for (const row of text().split('\n')) expect([...row].length).toBeLessThanOrEqual(size.columns);
    }
});

test('a path of many hops shows those around the break', () => {
  const base = textbook();
  const more = Array.from({ length: 14 }, (_, index) => `h${index}`);
  const path = {
    ...base,
    hops: more.map((id, index) => ({
      ...(base.hops[Math.min(index, 3)] as (typeof base.hops)[number]),
      id,
      ifname: `if${index}`,
      captured: index > 0,
    })),
    links: more
      .slice(1)
      .map((id, index) => ({ id: `h${index}-${id}`, from: `h${index}`, to: id, stages: ['veth' as const] })),
  };
  const run = brokenForward(path);
  const broken = {
    ...run,
    diagnosis: { ...run.diagnosis, brokenLink: { from: 'h9', to: 'h10', stage: 'veth' as const } },
  };
  for (const size of [SMALL, WIDE]) {
    const text = screen(ofRun(eventsOf({ requests: 3, replies: null }, path), broken), { size }).text();
    expect(text).toMatch(/9 if9 /);
    expect(text).toMatch(/stops here: veth/);
  }
});

test('d tells what the kernel said of each drop, or why it could not be asked', async () => {
  const dropped: KernelDrop = {
    probe: 2,
    reason: 'IP_INADDRERRORS',
    function: 'ip_error',
    device: 'br0',
    netns: 'host',
    at: 3_250_000,
    way: 'forward',
    link: 'h3-h4',
    stage: 'route',
    words: 'this host does not forward it',
    devices: ['eth0', 'veth1_p', 'br0'],
  };
  const limit = { what: 'kernel drop events', why: 'tracefs is not mounted', install: null };
  const pages = [
    { ...brokenForward(), kernelDrops: [dropped] },
    { ...brokenForward(), kernelDrops: [] },
    { ...brokenForward(), kernelDrops: [], limits: [limit] },
  ].map(async (run) => {
    const { press, text } = screen(ofRun(eventsOf({ requests: 3, replies: null }), run), { size: SMALL });
    press('d');
    await eventually(() => expect(text()).toContain('KERNEL DROPS'));
    return text();
  });
  const [told, none, blind] = await Promise.all(pages);
  expect(told).toMatch(/IP_INADDRERRORS in ip_error[\s\S]*means +this host does not forward it/);
  expect(told).toMatch(/packet +probe 2, on its way out {2}3\.250 ms after the start/);
  expect(told).toMatch(/at +device br0, netns host, link h3-h4, stage route\s[\s\S]*came by +eth0 > veth1_p > br0/);
  expect(none).toContain('the kernel reported no drop of a probe');
  expect(blind).toContain('kernel drop events: tracefs is not mounted');
});
