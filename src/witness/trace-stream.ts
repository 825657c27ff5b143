import { parseTraceLine, type TraceEvent } from './events.js';

/** Longer lines are no trace lines. */
const MAX_LINE = 4096;
/** Events that are kept; what comes after is counted as lost. */
const MAX_EVENTS = 50_000;
/** Addresses of our packets that a drop may still name. */
const MAX_ADDRESSES = 4096;

const FREE_MARK = ': kfree_skb: skbaddr=';
/**
 * A drop in a system call of a probe: its packet has been at no device. Which process that is, is known afterwards. The
 * kernel prints `<...>` until the process has been switched away from, so a quick reader sees that instead of a name.
 */
const PROBE_TASK = /^ *(?:ping|node|MainThread|<\.\.\.>)-\d+ +\[\d+\] ..\./;

/**
 * Picks our packets out of the text of `trace_pipe`, as it comes. Drops cannot be filtered by length in the kernel, and a
 * busy host has many: only those are read and kept whose buffer held a packet of ours before.
 */
export class TraceStream {
  readonly events: TraceEvent[] = [];
  /** Events that the kernel or we had no room for. */
  lost = 0;
  /** Text of the latest marker. */
  marker: string | null = null;

  readonly #ours = new Map<string, true>();
  readonly #onDrop: (() => void) | undefined;
  readonly #decoder = new TextDecoder();
  #rest = '';
  /** Latest drop on each processor, whose stack comes next. */
  readonly #dropped = new Map<number, string[]>();
  /** Frames that are being read. */
  #frames: string[] | null = null;

  constructor(onDrop?: () => void) {
    this.#onDrop = onDrop;
  }

  push(chunk: Uint8Array): void {
    const lines = (this.#rest + this.#decoder.decode(chunk, { stream: true })).split('\n');
    const rest = lines.pop() ?? '';
    this.#rest = rest.length > MAX_LINE ? '' : rest;
    for (const line of lines) this.#read(line);
  }

  #read(line: string): void {
    if (line.length > MAX_LINE) return;
    if (this.#isForeignFree(line)) {
      this.#dropped.clear();
      return;
    }
    const read = parseTraceLine(line);
    if (read?.type === 'frame') {
      this.#frames?.push(read.name);
      return;
    }
    this.#frames = null;
    if (read === null) return;
    if (read.type === 'lost') this.lost += Math.max(read.count, 1);
    else if (read.type === 'marker') this.marker = read.text;
    else if (read.type === 'stack') this.#frames = this.#dropped.get(read.cpu) ?? null;
    else this.#keep(read.event);
  }

  #isForeignFree(line: string): boolean {
    const at = line.indexOf(FREE_MARK);
    if (at === -1) return false;
    const start = at + FREE_MARK.length;
    const end = line.indexOf(' ', start);
    return end !== -1 && !this.#ours.has(line.slice(start, end).replace(/^0x/, '')) && !PROBE_TASK.test(line);
  }

  #keep(event: TraceEvent): void {
    if (this.events.length >= MAX_EVENTS) {
      this.lost += 1;
      return;
    }
    this.#dropped.delete(event.cpu);
    if (event.kind === 'free') {
      if (!this.#ours.delete(event.skb) && event.sender === null) return;
      const frames: string[] = [];
      this.#dropped.set(event.cpu, frames);
      this.events.push({ ...event, frames });
      this.#onDrop?.();
      return;
    }
    this.events.push(event);
    this.#ours.delete(event.skb);
    this.#ours.set(event.skb, true);
    if (this.#ours.size > MAX_ADDRESSES) this.#forgetOldest();
  }

  #forgetOldest(): void {
    const oldest = this.#ours.keys().next();
    if (!oldest.done) this.#ours.delete(oldest.value);
  }
}
