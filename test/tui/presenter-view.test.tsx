import { expect, test, vi } from 'vitest';
import type { Scenario } from '../../src/model/scenario.js';
import { SkinContext } from '../../src/tui/hooks/use-skin.js';
import type { PresenterAction } from '../../src/tui/store/presenter-keys.js';
import {
  BEFORE_ALL,
  deckOf,
  foldPresenter,
  type PresenterEvent,
  type PresenterState,
} from '../../src/tui/store/presenter-state.js';
import { createStore } from '../../src/tui/store/throttled-store.js';
import type { Size } from '../../src/tui/terminal/size.js';
import { skinOf } from '../../src/tui/theme.js';
import { PresenterView } from '../../src/tui/views/presenter-view.js';
import { eventually, renderTui } from '../helpers/render-tui.js';
import { scenarioOfSteps } from '../helpers/scenario.js';
import { brokenForward, brokenReturn } from '../helpers/tui-trace.js';

const SIZES: readonly Size[] = [
  { columns: 80, rows: 24 },
  { columns: 100, rows: 30 },
];

interface Look {
  readonly size: Size;
  readonly audience?: boolean;
  readonly ascii?: boolean;
  readonly color?: boolean;
  readonly scenario?: Scenario;
}

/** The presenter's screen after given events; what keys mean is recorded. */
const screen = (events: readonly PresenterEvent[], look: Look) => {
  const { size, audience = false, ascii = false, color = false, scenario = scenarioOfSteps() } = look;
  const store = createStore<PresenterState, PresenterEvent>(BEFORE_ALL, foldPresenter, { intervalMs: 0 });
  for (const event of events) store.dispatch(event);
  const press = vi.fn<(action: PresenterAction, key: string) => void>();
  const tui = renderTui(
    <SkinContext.Provider value={skinOf({ theme: 'auto', color, ascii })}>
      <PresenterView presentation={{ deck: deckOf(scenario, audience), store, press }} signal={vi.fn()} />
    </SkinContext.Provider>,
    size,
  );
  return { ...tui, store, pressed: press };
};

const MEASURED: PresenterEvent = { type: 'measured', run: brokenReturn() };
const OUTPUT: PresenterEvent = {
  type: 'ended',
  ran: true,
  output: {
    title: 'output:',
    rows: [{ text: '12:00:00.1 IP 192.168.0.2 > 203.0.113.5: ICMP echo request, id 9, seq 1', tone: 'plain' }],
  },
};

const FRAMES: readonly (readonly [string, readonly PresenterEvent[]])[] = [
  ['presenter-briefing', [{ type: 'measuring' }]],
  ['presenter-step', [MEASURED, { type: 'went', at: 1 }]],
  ['presenter-ran', [MEASURED, { type: 'went', at: 1 }, { type: 'began', what: 'x' }, OUTPUT]],
  ['presenter-answer', [MEASURED, { type: 'went', at: 2 }, { type: 'notes' }, { type: 'asked' }, { type: 'revealed' }]],
];

test.each(FRAMES)('golden frames: %s', async (name, events) => {
  for (const size of SIZES)
    for (const ascii of [false, true]) {
      const { text } = screen(events, { size, ascii });
      const file = `frames/${name}-${size.columns}x${size.rows}-${ascii ? 'ascii' : 'utf8'}.txt`;
      await expect(`${text()}\n`).toMatchFileSnapshot(file);
      const rows = text().split('\n');
      expect(rows.length).toBeLessThan(size.rows);
      for (const row of rows) expect([...row].length).toBeLessThanOrEqual(size.columns);
    }
});

test('the audience sees the question and the packets, and never an answer, a hint or a note', () => {
  const events: readonly PresenterEvent[] = [
    MEASURED,
    { type: 'went', at: 2 },
    { type: 'notes' },
    { type: 'asked' },
    { type: 'revealed' },
  ];
  for (const size of SIZES) {
    const [speaker, audience] = [screen(events, { size }), screen(events, { size, audience: true })];
    expect(speaker.text()).toMatch(/No: nobody outside routes it/);
    expect(speaker.text()).toMatch(/iptables -t nat -A POSTROUTING/);
    expect(speaker.text()).toMatch(/replies stop here/);
    expect(audience.text()).toMatch(/audience view/);
    expect(audience.text()).toMatch(/Would 203\.0\.113\.5 know the way/);
    expect(audience.text()).not.toMatch(/nobody outside routes|POSTROUTING|replies stop here|let the room/i);
    expect(audience.text()).not.toMatch(/h hint|s answer|notes/);
    audience.press('h');
    audience.press('s');
    audience.press('n');
    expect(audience.pressed).not.toHaveBeenCalled();
  }
});

test('before the answer is shown, the path says where packets were seen and not where they break', () => {
  const { text, store } = screen([{ type: 'measured', run: brokenForward() }], { size: { columns: 100, rows: 30 } });
  expect(text()).toMatch(/sent {2}3/);
  expect(text()).not.toMatch(/✗|stop|BREAK/);
  store.dispatch({ type: 'revealed' });
  return eventually(() => expect(text()).toContain('✗'));
});

test('foreign output is inert, tabs are blanks, and what has no room is counted', () => {
  const rows = Array.from(
    { length: 40 },
    (_, index) => ({ text: `row\t${index} \u001b[31mred`, tone: 'plain' }) as const,
  );
  for (const size of SIZES) {
    const { frame, text } = screen([{ type: 'ended', output: { title: 'output:', rows } }], { size });
    expect(frame()).not.toContain('\u001b[31m');
    expect(text()).toMatch(/row {8}0 \\x1b\[31mred/);
    expect(text()).toMatch(/^ {3}3\d more rows$/m);
    expect(text()).toMatch(/q end/);
  }
});

test('the state is in words without colour, and the hop to look at too', () => {
  const { text } = screen([MEASURED, { type: 'went', at: 1 }, { type: 'began', what: 'capturing at hop 4', hop: 4 }], {
    size: { columns: 80, rows: 24 },
  });
  expect(text()).toMatch(/look at {4}hop 3, br0/);
  expect(text()).toMatch(/● capturing at hop 4 \.\.\./);
});

test('keys go to the presentation by their meaning', async () => {
  const { press, pressed } = screen([], { size: { columns: 80, rows: 24 } });
  for (const key of ['\r', '4', 'h', 'c', 's', 'b', 'R', 'n', 'x', 'q']) press(key);
  await eventually(() =>
    expect(pressed.mock.calls).toEqual([
      ['next', 'return'],
      ['hop', '4'],
      ['hint', 'h'],
      ['check', 'c'],
      ['answer', 's'],
      ['break', 'b'],
      ['reset', 'R'],
      ['notes', 'n'],
      ['quit', 'q'],
    ]),
  );
});

test('below 80x24 it says what it needs, and goes on when there is room again', async () => {
  const { resize, text } = screen([], { size: { columns: 79, rows: 24 } });
  expect(text()).toContain('terminal is 79x24');
  resize({ columns: 80, rows: 24 });
  await eventually(() => expect(text()).toContain('briefing'));
});
