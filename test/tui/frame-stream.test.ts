import { EventEmitter } from 'node:events';
import { expect, test, vi } from 'vitest';
import { FrameStream } from '../../src/tui/terminal/frame-stream.js';
import { screenObstacle } from '../../src/tui/terminal/size.js';

class Output extends EventEmitter {
  columns = 80;
  rows = 24;
  readonly written: string[] = [];
  write(text: string): boolean {
    this.written.push(text);
    return true;
  }
}

test('enters the alternate screen once and leaves it once, cursor shown again', () => {
  const output = new Output();
  const frames = new FrameStream(output);
  frames.leave();
  expect(output.written).toEqual([]);
  frames.enter();
  frames.enter();
  frames.leave();
  frames.leave();
  expect(output.written).toHaveLength(2);
  expect(output.written[0]).toContain('\u001b[?1049h\u001b[?25l');
  expect(output.written[1]).toMatch(/\u001b\[\?25h\u001b\[\?1049l$/);
  expect(output.listenerCount('resize')).toBe(0);
});

test('writes only the rows that changed, and takes away those that are gone', async () => {
  const output = new Output();
  const frames = new FrameStream(output);
  frames.enter();
  frames.write('one\ntwo\nthree');
  frames.write('one\nTWO');
  await vi.waitFor(() => expect(output.written.at(-1)).toContain('TWO'));
  expect(output.written.at(-1)).not.toContain('one');
  expect(output.written.at(-1)).toContain('\u001b[3;1H\u001b[J');
  frames.leave();
});

test('a thousand frames are few writes, and the last one is shown', async () => {
  const output = new Output();
  const frames = new FrameStream(output);
  frames.enter();
  for (let count = 1; count <= 1000; count += 1) frames.write(`frame ${count}`);
  await vi.waitFor(() => expect(output.written.at(-1)).toContain('frame 1000'));
  expect(output.written.length).toBeLessThanOrEqual(3);
  frames.leave();
});

test('never more rows than the screen has, never a sequence that clears the history', () => {
  const output = new Output();
  const frames = new FrameStream(output);
  frames.enter();
  frames.write(Array.from({ length: 90 }, (_, row) => `row ${row}`).join('\n'));
  expect(output.written.join('')).not.toContain('\u001b[25;1H');
  expect(output.written.join('')).not.toContain('\u001b[3J');
  frames.leave();
});

test('a resize clears, tells the size, and paints all rows anew', async () => {
  const output = new Output();
  const frames = new FrameStream(output);
  frames.enter();
  frames.write('one\ntwo');
  const sizes: number[] = [];
  frames.on('resize', () => sizes.push(frames.columns));
  output.columns = 120;
  output.emit('resize');
  frames.write('one\ntwo');
  await vi.waitFor(() => expect(output.written.at(-1)).toMatch(/one[\s\S]*two/));
  expect(sizes).toEqual([120]);
  frames.leave();
});

const TTY = { isTTY: true, columns: 80, rows: 24 };
const KEYS = { isTTY: true, setRawMode: () => {} };

test.each([
  [TTY, KEYS, {}, null],
  [{ isTTY: false }, KEYS, {}, /no terminal/],
  [TTY, { isTTY: false }, {}, /standard input/],
  [TTY, KEYS, { TERM: 'dumb' }, /dumb/],
  [TTY, KEYS, { INK_SCREEN_READER: 'true' }, /screen reader/],
  [{ ...TTY, columns: 79 }, KEYS, {}, /terminal is 79x24, the live view needs 80x24/],
  [{ ...TTY, rows: 0 }, KEYS, {}, /does not tell its size/],
])('whether the screen can be opened: %j %j %j', (output, input, environment, reason) => {
  const obstacle = screenObstacle(output, input, environment);
  if (reason === null) expect(obstacle).toBeNull();
  else expect(obstacle?.reason).toMatch(reason);
});
