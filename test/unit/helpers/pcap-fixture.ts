import { readFileSync } from 'node:fs';
import { type DecodeContext, decode } from '../../../src/capture/decode.js';
import { type Frame, PcapStream } from '../../../src/capture/pcap.js';
import type { Packet } from '../../../src/model/packet.js';

/** A capture that tcpdump recorded in the textbook network. */
export const readFixture = (name: string): Buffer => readFileSync(`fixtures/pcap/${name}.pcap`);

export const framesOf = (name: string): { frames: Frame[]; linkType: number } => {
  const stream = new PcapStream();
  const frames = stream.push(readFixture(name));
  return { frames, linkType: stream.header?.linkType ?? -1 };
};

/** 2026-11-20T18:25:01Z, the second of the first packet. */
export const CONTEXT: DecodeContext = { startedNs: 1_795_199_101_000_000_000n, token: 'deadbeef' };

export const packetsOf = (name: string, context = CONTEXT): Packet[] => {
  const { frames, linkType } = framesOf(name);
  return frames.map((frame) => decode(frame, linkType, context));
};
