import { type StreamingChild, startCommand } from '../host/run-command.js';
import type { CapturedFrame, CaptureFailure, CaptureReport, Packet } from '../model/packet.js';
import { type DecodeContext, decode, headersEnd } from './decode.js';
import { isSupported } from './link-layer.js';
import { type Frame, PcapError, PcapStream } from './pcap.js';
import type { CapturePlan } from './plan.js';
import { captureFailure, noSuchDevice, readTcpdumpOutput } from './tcpdump-output.js';

/** Milliseconds that tcpdump gets to write out the rest after SIGINT. */
const STOP_MS = 1000;
/** Standard error of a capture is a few lines; more is not kept. */
const MAX_STDERR = 16_384;
/** Packets of one hop that are kept: 8 MiB of captures over 16 hops, at 128 bytes each. */
const MAX_PACKETS = 4096;

/** One running capture. */
export class Tap {
  readonly plan: CapturePlan;
  /** Settles when it listens or has failed; never rejects. */
  readonly ready: Promise<void>;
  /** Settles when its process has ended; never rejects. */
  readonly gone: Promise<void>;
  readonly packets: Packet[] = [];
  readonly frames: CapturedFrame[] = [];
  /** `performance.now()` of the latest packet. */
  lastPacketAt = 0;

  readonly #child: StreamingChild;
  readonly #pcap = new PcapStream();
  readonly #context: DecodeContext;
  readonly #onPacket: ((packet: Packet) => void) | undefined;
  #stderr = '';
  #problem: { readonly error: string; readonly failure: CaptureFailure } | null = null;
  #overflow = 0;
  #stopping = false;
  #listening = false;
  #settleReady: () => void = () => {};
  readonly #complete: Promise<void>;
  #settleComplete: () => void = () => {};

  constructor(plan: CapturePlan, context: DecodeContext, onPacket?: (packet: Packet) => void) {
    this.plan = plan;
    this.#context = plan.vxlanPort === undefined ? context : { ...context, vxlanPort: plan.vxlanPort };
    this.#onPacket = onPacket;
    this.ready = new Promise((resolve) => {
      this.#settleReady = resolve;
    });
    this.#complete = new Promise((resolve) => {
      this.#settleComplete = resolve;
    });
    this.#child = startCommand(plan.argv, { leads: true });
    this.#child.stdout.on('data', (chunk: Buffer) => this.#read(chunk));
    this.#child.stderr.on('data', (chunk: Buffer) => this.#readError(chunk));
    this.gone = this.#child.ended.then(({ failure }) => this.#ended(failure === 'missing-tool'));
  }

  /**
   * Ends the capture and gives its report, within about a second. Does not wait for the process to be gone: closing a
   * packet socket takes the kernel some 20 ms, after all has been delivered.
   */
  async stop(): Promise<CaptureReport> {
    this.#stopping = true;
    this.#child.kill('SIGINT');
    const deadline = setTimeout(() => this.kill(), STOP_MS);
    void this.gone.then(() => clearTimeout(deadline));
    this.#checkComplete();
    await Promise.race([this.#complete, this.gone]);
    return this.report;
  }

  /** Fails the capture if it does not listen by now. */
  giveUp(waitedMs: number): void {
    if (this.#listening) return;
    this.#problem ??= { error: `tcpdump did not listen within ${waitedMs} ms`, failure: 'failed' };
    this.kill();
    this.#settleReady();
  }

  /** Ends the capture at once; what it had not delivered is lost. */
  kill(): void {
    this.#child.killGroup('SIGKILL');
  }

  /** What it has seen by now, and whether it failed. */
  get report(): CaptureReport {
    const output = readTcpdumpOutput(this.#stderr);
    const lost = output.droppedByKernel === null ? null : output.droppedByKernel + this.#overflow;
    return {
      hop: this.plan.hop,
      command: this.plan.argv,
      error: null,
      ...this.#problem,
      packets: this.packets.length + this.#overflow,
      droppedByKernel: lost,
    };
  }

  #read(chunk: Buffer): void {
    for (const frame of this.#parse(chunk)) {
      this.lastPacketAt = performance.now();
      if (this.packets.length >= MAX_PACKETS) {
        this.#overflow += 1;
        continue;
      }
      const linkType = this.#pcap.header?.linkType ?? 0;
      const packet = decode(frame, linkType, this.#context);
      this.packets.push(packet);
      const data = frame.bytes.toString('base64', 0, headersEnd(frame.bytes, linkType));
      this.frames.push({ hop: this.plan.hop, at: packet.at, length: frame.length, linkType, data });
      this.#onPacket?.(packet);
    }
    this.#checkReady();
    this.#checkComplete();
  }

  #parse(chunk: Buffer): Frame[] {
    if (this.#problem !== null) return [];
    try {
      return this.#pcap.push(chunk);
    } catch (error) {
      if (!(error instanceof PcapError)) throw error;
      this.#fail({ error: error.message, failure: 'failed' });
      return [];
    }
  }

  #readError(chunk: Buffer): void {
    if (this.#stderr.length < MAX_STDERR) this.#stderr += chunk.toString('utf8');
    this.#checkReady();
    this.#checkComplete();
  }

  /** Complete is what tcpdump counted at its end, when as many packets have arrived. */
  #checkComplete(): void {
    if (!this.#stopping || !this.#listening) return;
    const { captured, droppedByKernel } = readTcpdumpOutput(this.#stderr);
    if (droppedByKernel !== null && captured === this.packets.length + this.#overflow) this.#settleComplete();
  }

  /** A name of digits alone that names no device is taken for an index by tcpdump, which then listens elsewhere. */
  #checkReady(): void {
    const { listeningOn } = readTcpdumpOutput(this.#stderr);
    const header = this.#pcap.header;
    if (listeningOn === null || header === null) return;
    if (listeningOn !== this.plan.ifname) {
      this.#fail(noSuchDevice(this.plan.ifname));
    } else if (listeningOn === 'any') {
      this.#fail({ error: 'tcpdump takes the name any for all devices', failure: 'failed' });
    } else if (!isSupported(header.linkType)) {
      this.#fail({ error: `${this.plan.ifname}: link type ${header.linkType} is not supported`, failure: 'failed' });
    }
    this.#listening = true;
    this.#settleReady();
  }

  #fail(problem: { error: string; failure: CaptureFailure }): void {
    this.#problem ??= problem;
    this.#child.kill('SIGINT');
  }

  #ended(missing: boolean): void {
    if (missing) {
      this.#problem ??= { error: `${this.plan.argv[0]} is not installed`, failure: 'missing-tool' };
    } else if (!this.#stopping || !this.#listening) {
      const { complaint, captured } = readTcpdumpOutput(this.#stderr);
      this.#problem ??=
        complaint === null && captured !== null
          ? { error: 'the capture ended before the run did', failure: 'failed' }
          : captureFailure(complaint, this.plan.ifname);
    }
    this.#settleReady();
  }
}
