import { EventEmitter } from 'node:events';
import { render } from 'ink';
import type { ReactElement } from 'react';
import { onTestFinished, vi } from 'vitest';
import type { Size } from '../../src/tui/terminal/size.js';

/** An output of a fixed size that keeps the last frame. */
class FixedOutput extends EventEmitter {
  columns: number;
  rows: number;
  frame = '';

  constructor({ columns, rows }: Size) {
    super();
    this.columns = columns;
    this.rows = rows;
  }

  write(text: string): boolean {
    if (text !== '') this.frame = text;
    return true;
  }

  resize({ columns, rows }: Size): void {
    this.columns = columns;
    this.rows = rows;
    this.emit('resize');
  }
}

/** A keyboard. */
class Keys extends EventEmitter {
  readonly isTTY = true;
  #waiting: string | null = null;

  press(text: string): void {
    this.#waiting = text;
    this.emit('readable');
  }

  read(): string | null {
    const text = this.#waiting;
    this.#waiting = null;
    return text;
  }

  setEncoding(): void {}
  setRawMode(): void {}
  resume(): void {}
  pause(): void {}
  ref(): void {}
  unref(): void {}
}

export interface RenderedTui {
  /** The last frame, as it was written. */
  frame(): string;
  /** Its rows, without attributes and trailing blanks. */
  text(): string;
  press(text: string): void;
  resize(size: Size): void;
}

const ATTRIBUTES = /\u001b\[[0-9;]*m/g;

/** Draws an element on a screen of a fixed size until the test ends. */
export const renderTui = (element: ReactElement, size: Size): RenderedTui => {
  const output = new FixedOutput(size);
  const keys = new Keys();
  const instance = render(element, {
    stdout: output as unknown as NodeJS.WriteStream,
    stderr: output as unknown as NodeJS.WriteStream,
    stdin: keys as unknown as NodeJS.ReadStream,
    debug: true,
    exitOnCtrlC: false,
    patchConsole: false,
  });
  onTestFinished(() => instance.unmount());
  return {
    frame: () => output.frame,
    text: () =>
      output.frame
        .replace(ATTRIBUTES, '')
        .split('\n')
        .map((row) => row.trimEnd())
        .join('\n'),
    press: (text) => keys.press(text),
    resize: (wanted) => output.resize(wanted),
  };
};

/** Waits until a check holds; long enough for a machine that is busy. */
export const eventually = (check: () => unknown): Promise<unknown> =>
  vi.waitFor(check, { timeout: 5000, interval: 20 });
