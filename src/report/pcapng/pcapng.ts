import { inert } from '../../model/inert.js';
import type { Sighting } from '../../model/packet.js';
import type { Run, RunHop } from '../../model/run.js';
import { hopNumber, hopPhrase, netnsTitle, statusLabel } from '../facts.js';
import { journeys, rewriteBetween } from '../journeys.js';
import { story } from '../story.js';
import {
  comment,
  enhancedPacket,
  interfaceDescription,
  interfaceStatistics,
  nameResolution,
  type Option,
  sectionHeader,
  textOption,
} from './blocks.js';
import { asEthernet } from './ethernet.js';

const ETHERNET = 1;
/** libpcap's own upper bound; the same for all interfaces, or tcpdump refuses the file. */
const SNAP_LENGTH = 262_144;
const IF_NAME = 2;
const IF_DESCRIPTION = 3;
const IF_TSRESOL = 9;
const IF_FILTER = 11;
const SHB_OS = 3;
const SHB_USERAPPL = 4;
const NANOSECONDS: Option = { code: IF_TSRESOL, value: Buffer.from([9]) };

/**
 * The captured frames as pcapng, in time order: an interface for each captured hop, named `1 eth0@web-1`; comments on the
 * run, on the packet with which each probe was seen last, and where NAT changed an address; statistics with drops.
 * @param only the hop whose packets are wanted; all hops without it
 * @returns `null` when the run has no frames
 */
export const renderPcapng = (run: Run, only?: string): Uint8Array | null => {
  const { evidence } = run;
  if (!evidence?.frames) return null;
  const hops = run.path.hops.filter((hop) => hop.captured && (only === undefined || hop.id === only));
  if (hops.length === 0) return null;
  const started = BigInt(Date.parse(run.run.started)) * 1_000_000n;
  const ended = started + BigInt(Math.round(run.run.durationMs * 1e6));
  const comments = commentsOf(run, evidence.sightings);
  const frames = evidence.frames
    .filter((frame) => hops.some((hop) => hop.id === frame.hop))
    .toSorted((a, b) => a.at - b.at);
  return Buffer.concat([
    sectionHeader([
      comment(inertLines([`${statusLabel(run)}: ${run.diagnosis.title}`, ...story(run), `run ${run.run.id}`])),
      textOption(SHB_OS, inert(`Linux ${run.run.kernel}`)),
      textOption(SHB_USERAPPL, inert(`${run.tool.name} ${run.tool.version}`)),
    ]),
    ...hops.map((hop) => describeInterface(run, hop)),
    ...namesOf(run),
    ...frames.flatMap((frame) => {
      const ethernet = asEthernet(frame);
      if (ethernet === null) return [];
      const texts = [
        ...(comments.get(keyOf(frame.hop, frame.at)) ?? []),
        ...(ethernet.made ? ['this device has no Ethernet header; the one here is made up'] : []),
      ];
      const id = hops.findIndex((hop) => hop.id === frame.hop);
      return [
        enhancedPacket(
          id,
          started + BigInt(Math.round(frame.at)),
          ethernet.bytes,
          ethernet.length,
          texts.map((text) => comment(inert(text))),
        ),
      ];
    }),
    ...hops.map((hop, id) => {
      const report = evidence.captures.find((capture) => capture.hop === hop.id);
      return interfaceStatistics(id, ended, {
        accepted: report?.packets ?? 0,
        dropped: report?.droppedByKernel ?? null,
      });
    }),
  ]);
};

const inertLines = (lines: readonly string[]): string => lines.map(inert).join('\n');

const describeInterface = (run: Run, hop: RunHop): Buffer => {
  const capture = run.evidence?.captures.find((report) => report.hop === hop.id);
  const filter = capture?.command.at(-1);
  return interfaceDescription(ETHERNET, SNAP_LENGTH, [
    textOption(IF_NAME, inert(`${hopNumber(hop)} ${hop.ifname}@${netnsTitle(run, hop.netns)}`)),
    textOption(IF_DESCRIPTION, inert(hop.role)),
    NANOSECONDS,
    ...(filter
      ? [
          {
            code: IF_FILTER,
            value: Buffer.concat([Buffer.from([0]), textOption(0, inert(filter)).value.subarray(0, 65_000)]),
          },
        ]
      : []),
  ]);
};

const keyOf = (hop: string, at: number): string => `${hop} ${at}`;

/** What to say about which packet, by hop and time. */
const commentsOf = (run: Run, sightings: readonly Sighting[]): ReadonlyMap<string, readonly string[]> => {
  const comments = new Map<string, string[]>();
  const add = (sighting: Sighting, text: string) => {
    const key = keyOf(sighting.hop, sighting.packet.at);
    comments.set(key, [...(comments.get(key) ?? []), text]);
  };
  for (const { sightings: seen, lost, first } of journeys(run, sightings)) {
    seen.forEach((sighting, index) => {
      const before = seen[index - 1];
      const rewrite = before ? rewriteBetween(before.packet, sighting.packet) : null;
      if (before && rewrite)
        add(
          sighting,
          `NAT: ${rewrite.field} ${rewrite.before} became ${rewrite.after} since ${hopPhrase(run, before.hop)}`,
        );
    });
    const last = seen.at(-1);
    if (lost && last) add(last, `probe ${first.probe}: ${first.kind} last seen here, on ${hopPhrase(run, last.hop)}`);
  }
  return comments;
};

/** Names of the flow's ends, which a redacted file must not carry. */
const namesOf = (run: Run): readonly Buffer[] => {
  if (run.run.redacted) return [];
  const named = [
    [run.flow.source, run.target.name],
    [run.flow.destination, run.flow.destinationText],
  ] as const;
  const entries = named.flatMap(([address, name]) =>
    address === null || address.includes(':') || address === name
      ? []
      : [{ address: address.split('.').map(Number), name: inert(name) }],
  );
  return entries.length === 0 ? [] : [nameResolution(entries)];
};
