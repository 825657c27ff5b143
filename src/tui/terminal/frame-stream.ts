import { Writable } from 'node:stream';
import type { Size } from './size.js';

/** The part of the terminal's output stream that is needed. */
export interface ScreenOutput {
  write(text: string): unknown;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
  on(event: 'resize', listener: () => void): unknown;
  off(event: 'resize', listener: () => void): unknown;
}

const ESC = '\u001b[';
const ENTER = `${ESC}?1049h${ESC}?25l${ESC}2J${ESC}H`;
const LEAVE = `${ESC}0m${ESC}?25h${ESC}?1049l`;
/** Synchronised output: a terminal that knows it shows the frame at once, others ignore it. */
const BEGIN = `${ESC}?2026h`;
const END = `${ESC}?2026l`;

/** Milliseconds between two frames. */
const FRAME_MS = 100;

/**
 * The output that Ink gets, which hands over whole frames (its `debug` way). It owns the alternate screen and writes
 * only the lines that changed, each at its own place, at most ten times a second; so no frame ever scrolls the terminal
 * or clears its history, and a resize is one repaint.
 */
export class FrameStream extends Writable {
  columns: number;
  rows: number;
  readonly #output: ScreenOutput;
  #entered = false;
  #frame: string | null = null;
  #painted: readonly string[] = [];
  #paintedAt = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | null = null;

  constructor(output: ScreenOutput) {
    super({ decodeStrings: false });
    this.#output = output;
    ({ columns: this.columns, rows: this.rows } = sizeOf(output));
  }

  enter(): void {
    if (this.#entered) return;
    this.#entered = true;
    this.#output.write(ENTER);
    this.#painted = [];
    this.#output.on('resize', this.#resized);
    if (this.#frame !== null) this.#paint();
  }

  /** Back to the normal screen. Callable at any time, more than once, also while the process exits. */
  leave(): void {
    if (!this.#entered) return;
    this.#entered = false;
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    this.#output.off('resize', this.#resized);
    this.#output.write(LEAVE);
  }

  /** What is on the screen now. */
  shown(): string {
    return this.#painted.join('\n').trimEnd();
  }

  /** Writes a control sequence that draws nothing, such as OSC 52. */
  control(sequence: string): void {
    if (this.#entered) this.#output.write(sequence);
  }

  override _write(chunk: string | Buffer, _encoding: BufferEncoding, done: () => void): void {
    const text = String(chunk);
    if (text !== '') {
      this.#frame = text;
      this.#schedule();
    }
    done();
  }

  #resized = (): void => {
    ({ columns: this.columns, rows: this.rows } = sizeOf(this.#output));
    this.#painted = [];
    this.#output.write(`${ESC}2J`);
    this.emit('resize');
  };

  #schedule(): void {
    if (!this.#entered || this.#timer) return;
    const wait = this.#paintedAt + FRAME_MS - performance.now();
    if (wait <= 0) this.#paint();
    else this.#timer = setTimeout(() => this.#paint(), wait);
  }

  #paint(): void {
    this.#timer = null;
    if (!this.#entered || this.#frame === null) return;
    const lines = this.#frame.split('\n').slice(0, Math.max(this.rows, 1));
    const changed = lines.flatMap((text, row) =>
      text === this.#painted[row] ? [] : [`${ESC}${row + 1};1H${text}${ESC}0m${ESC}K`],
    );
    const below = lines.length < this.#painted.length ? [`${ESC}${lines.length + 1};1H${ESC}J`] : [];
    this.#painted = lines;
    this.#paintedAt = performance.now();
    if (changed.length + below.length > 0) this.#output.write(`${BEGIN}${changed.join('')}${below.join('')}${END}`);
  }
}

const sizeOf = ({ columns, rows }: ScreenOutput): Size => ({ columns: columns || 80, rows: rows || 24 });
