import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';

/** What stood before one mark, and the number behind the mark. */
export interface MarkedPart {
  readonly text: string;
  readonly status: number;
}

/** Characters of one part at most: a dump of a large host has some ten million. */
const MOST_TEXT = 256 * 1024 * 1024;

/** Splits a stream at marks: a NUL, the mark, a blank, a number and a line feed. */
export class MarkedOutput {
  readonly #mark: string;
  readonly #decoder = new StringDecoder('utf8');
  readonly #onTooMuch: () => void;
  #parts: string[] = [];
  #length = 0;
  /** Text that may hold the beginning of a mark. */
  #tail = '';
  readonly #ready: MarkedPart[] = [];
  #waiting: ((part: MarkedPart | null) => void) | null = null;
  #ended = false;

  /** @param onTooMuch called while more comes than is kept for one part */
  constructor(mark: string, stream: Readable, onTooMuch: () => void) {
    this.#mark = `\0${mark} `;
    this.#onTooMuch = onTooMuch;
    stream.on('data', (chunk: Buffer) => this.#take(this.#decoder.write(chunk)));
    stream.on('error', () => this.#end());
    stream.on('close', () => this.#end());
    stream.on('end', () => this.#end());
  }

  /** What has come since the last mark. */
  get rest(): string {
    return this.#parts.join('') + this.#tail;
  }

  /** The next part; `null` when the stream ended before its mark. */
  next(): Promise<MarkedPart | null> {
    const part = this.#ready.shift();
    if (part) return Promise.resolve(part);
    if (this.#ended) return Promise.resolve(null);
    return new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }

  #take(chunk: string): void {
    let text = this.#tail + chunk;
    for (;;) {
      const at = text.indexOf(this.#mark);
      const end = at < 0 ? -1 : text.indexOf('\n', at);
      if (end < 0) {
        const keep = at < 0 ? Math.max(text.length - this.#mark.length, 0) : at;
        this.#tail = text.slice(keep);
        this.#keep(text.slice(0, keep));
        return;
      }
      this.#parts.push(text.slice(0, at));
      this.#give({ text: this.#parts.join(''), status: Number(text.slice(at + this.#mark.length, end)) });
      this.#parts = [];
      this.#length = 0;
      text = text.slice(end + 1);
    }
  }

  #keep(text: string): void {
    this.#length += text.length;
    if (this.#length <= MOST_TEXT) this.#parts.push(text);
    else this.#onTooMuch();
  }

  #give(part: MarkedPart): void {
    const waiting = this.#waiting;
    this.#waiting = null;
    if (waiting) waiting(part);
    else this.#ready.push(part);
  }

  #end(): void {
    this.#ended = true;
    this.#waiting?.(null);
    this.#waiting = null;
  }
}
