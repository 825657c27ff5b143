import { expect, test, vi } from 'vitest';
import type { Choice, Destination } from '../../src/tui/draw/start.js';
import { SkinContext } from '../../src/tui/hooks/use-skin.js';
import type { Size } from '../../src/tui/terminal/size.js';
import { skinOf } from '../../src/tui/theme.js';
import { StartView } from '../../src/tui/views/start-view.js';
import { eventually, renderTui } from '../helpers/render-tui.js';

const CONTAINERS: readonly Choice[] = [
  { target: 'netns:net1', name: 'net1', pid: null, netns: 'net1', addresses: ['192.168.0.2/24'], bridge: ['br0'] },
  {
    target: 'pid:4711',
    name: 'web\u001b[2J',
    pid: 4711,
    netns: '/proc/4711/ns/net',
    addresses: ['192.168.0.3/24'],
    bridge: ['br0'],
  },
];

const OWN: readonly Destination[] = [
  { text: '192.168.0.1', why: 'its gateway' },
  { text: '192.168.0.3', why: 'container web' },
];

const start = (size: Size, { ascii = false, givenTarget = null as string | null } = {}) => {
  const calls = { choose: vi.fn(), quit: vi.fn(), interrupt: vi.fn() };
  const tui = renderTui(
    <SkinContext.Provider value={skinOf({ theme: 'auto', color: false, ascii })}>
      <StartView
        givenTarget={givenTarget}
        host="prod-7"
        containers={containers}
        destinations={destinations}
        choose={calls.choose}
        quit={calls.quit}
        signal={calls.interrupt}
      />
    </SkinContext.Provider>,
    size,
  );
  return { ...tui, calls };
};
const containers = async () => CONTAINERS;
const destinations = async () => OWN;

test('golden frames of the containers', async () => {
  for (const [columns, rows] of [
    [80, 24],
    [100, 30],
  ] as const)
    for (const ascii of [false, true]) {
      const { text } = start({ columns, rows }, { ascii });
      await eventually(() => expect(text()).toContain('net1'));
      await expect(`${text()}\n`).toMatchFileSnapshot(
        `frames/start-${columns}x${rows}-${ascii ? 'ascii' : 'utf8'}.txt`,
      );
      for (const row of text().split('\n')) expect([...row].length).toBeLessThanOrEqual(columns);
    }
});

test('typing filters, enter goes on to the destinations, the gateway first', async () => {
  const { press, text, calls } = start({ columns: 80, rows: 24 });
  await eventually(() => expect(text()).toContain('net1'));
  press('4711');
  await eventually(() => expect(text()).not.toContain('net1'));
  expect(text()).toContain('web\\x1b[2J');
  press('\r');
  await eventually(() => expect(text()).toMatch(/▶ 192\.168\.0\.1 +its gateway/));
  press('\r');
  await eventually(() => expect(calls.choose).toHaveBeenCalledWith({ target: 'pid:4711', destination: '192.168.0.1' }));
});

test('a typed destination wins over the offered ones; all in one read', async () => {
  const { press, text, calls } = start({ columns: 80, rows: 24 }, { givenTarget: 'net1' });
  await eventually(() => expect(text()).toContain('its gateway'));
  press('tcp://198.51.100.7:80\r');
  await eventually(() =>
    expect(calls.choose).toHaveBeenCalledWith({ target: 'net1', destination: 'tcp://198.51.100.7:80' }),
  );
});

test('escape clears, goes back, and then quits; ctrl-c interrupts', async () => {
  const { press, text, calls } = start({ columns: 80, rows: 24 });
  await eventually(() => expect(text()).toContain('net1'));
  press('\r');
  await eventually(() => expect(text()).toContain('its gateway'));
  press('\u001b');
  await eventually(() => expect(text()).toContain('CONTAINERS'));
  press('\u001b');
  await eventually(() => expect(calls.quit).toHaveBeenCalledOnce());
  press('\u0003');
  await eventually(() => expect(calls.interrupt).toHaveBeenCalledOnce());
});
