/** A packet at a device: handed to its queue, taken by its driver, or received from it. */
export interface DeviceEvent {
  readonly kind: 'queue' | 'xmit' | 'receive';
  /** Microseconds of the instance's trace clock. */
  readonly clockUs: number;
  readonly cpu: number;
  /** Address of the packet's buffer, as printed. It names one packet only while that lives. */
  readonly skb: string;
  readonly device: string;
  /** Bytes, with the link-layer header on transmit and without it on receive. */
  readonly length: number;
  /** PID of the process whose system call brought it here; `null` where the kernel did on its own, in an interrupt. */
  readonly sender: number | null;
}

/** A packet thrown away. `reason` exists since Linux 5.17. */
export interface FreeEvent {
  readonly kind: 'free';
  readonly clockUs: number;
  readonly cpu: number;
  readonly skb: string;
  /** Ethertype in host byte order. */
  readonly protocol: number;
  /** Function, offset and size (`ip_error+0x94/0x210`), or an address where the kernel prints no symbol. */
  readonly location: string;
  readonly reason: string | null;
  /** PID of the process whose system call dropped it; `null` where the kernel did on its own, in an interrupt. */
  readonly sender: number | null;
  /** Functions that were being executed, innermost first; empty where no stacks were asked for. */
  readonly frames: readonly string[];
}

export type TraceEvent = DeviceEvent | FreeEvent;

export type TraceLine =
  | { readonly type: 'event'; readonly event: TraceEvent }
  /** The buffer was full: so many events of one CPU are missing here; 0 when the kernel does not say how many. */
  | { readonly type: 'lost'; readonly count: number }
  /** Text that was written to `trace_marker`. */
  | { readonly type: 'marker'; readonly text: string }
  /** Begins the frames of the last event on this processor. */
  | { readonly type: 'stack'; readonly cpu: number }
  | { readonly type: 'frame'; readonly name: string };

const STACK = /^.*-\d+ .*\[(\d+)\] .*: <stack trace>$/;
const FRAME = /^ => (\S+)/;
const LOST = /^CPU:\d+ \[LOST (?:(\d+) )?EVENTS\]$/;
/** Task and PID, an optional thread group, CPU, optional flags, time, event. A task name may hold any byte. */
const HEAD = /^.*-(\d+) +(?:\( *[-\d]+\) +)?\[(\d+)\] +(?:(\S+) +)?(\d+)\.(\d{6}): (\w+): (.*)$/;
const DEVICE = /^dev=(\S+) skbaddr=(?:0x)?([0-9a-f]+) len=(\d+)(?: rc=(-?\d+))?$/;
const FREE = /^skbaddr=(?:0x)?([0-9a-f]+) (?:rx_sk=\S+ )?protocol=(\d+) location=(?:0x)?(.+?)(?: reason: (\S+))?$/;

/** Place of the letter for interrupts among the flags; a dot is a process. */
const CONTEXT = 2;

const KINDS = new Map<string, DeviceEvent['kind']>([
  ['net_dev_queue', 'queue'],
  ['net_dev_xmit', 'xmit'],
  ['netif_receive_skb', 'receive'],
]);

/**
 * Reads one line of `trace_pipe`; `null` for any other line. The events are printed as their `format` files say, from
 * Linux 4.18 to 6.18: `rx_sk` came with 6.11, `reason` with 5.17.
 * @see https://docs.kernel.org/trace/ftrace.html, "Output format"
 */
export const parseTraceLine = (line: string): TraceLine | null => {
  const head = HEAD.exec(line);
  if (head === null) return parseOtherLine(line);
  const [, pid = '', cpu = '', flags = '', seconds = '', micros = '', name = '', text = ''] = head;
  if (name === 'tracing_mark_write') return { type: 'marker', text };
  const common = { clockUs: Number(seconds) * 1_000_000 + Number(micros), cpu: Number(cpu) };
  const sender = flags[CONTEXT] === '.' ? Number(pid) : null;
  const event = name === 'kfree_skb' ? readFree(text, common, sender) : readDevice(name, text, common, sender);
  return event === null ? null : { type: 'event', event };
};

const parseOtherLine = (line: string): TraceLine | null => {
  const frame = FRAME.exec(line)?.[1];
  if (frame !== undefined) return { type: 'frame', name: frame };
  const cpu = line.endsWith(': <stack trace>') ? STACK.exec(line)?.[1] : undefined;
  if (cpu !== undefined) return { type: 'stack', cpu: Number(cpu) };
  const lost = LOST.exec(line);
  return lost === null ? null : { type: 'lost', count: Number(lost[1] ?? 0) };
};

type Common = Pick<TraceEvent, 'clockUs' | 'cpu'>;

const readDevice = (name: string, text: string, common: Common, sender: number | null): DeviceEvent | null => {
  const kind = KINDS.get(name);
  const fields = DEVICE.exec(text);
  if (kind === undefined || fields === null) return null;
  const [, device = '', skb = '', length = ''] = fields;
  return { kind, ...common, skb, device, length: Number(length), sender };
};

const readFree = (text: string, common: Common, sender: number | null): FreeEvent | null => {
  const fields = FREE.exec(text);
  if (fields === null) return null;
  const [, skb = '', protocol = '', location = '', reason = null] = fields;
  return { kind: 'free', ...common, skb, protocol: Number(protocol), location, reason, sender, frames: [] };
};
