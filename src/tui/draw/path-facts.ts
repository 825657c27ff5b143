import type { BrokenLink, Rewrite } from '../../model/diagnosis.js';
import type { Hop, Link, Path, Stage } from '../../model/path.js';
import type { TraceState } from '../store/trace-state.js';
import type { Tone } from './line.js';

export interface HopFacts {
  readonly hop: Hop;
  /** Number of the hop in the path; empty for the socket. */
  readonly number: string;
  readonly name: string;
  /** What it is: its role, or the destination's address. */
  readonly caption: string;
  /** `null` where nothing is captured. */
  readonly forward: number | null;
  readonly back: number | null;
  readonly word: string;
  readonly tone: Tone;
}

export interface LinkFacts {
  readonly link: Link;
  readonly state: 'passed' | 'broken' | 'unreached' | 'waiting';
  /** Set where the replies end. */
  readonly replyBroken: boolean;
  readonly word: string;
  readonly tone: Tone;
  /** The kernel's stages of the link, in its order, each with its own state. */
  readonly stages: readonly StageFacts[];
}

export interface StageFacts {
  readonly stage: Stage;
  readonly word: string;
  readonly tone: Tone;
}

/** The path with what is known of each hop and link: live while the trace runs, as diagnosed after it. */
export interface PathFacts {
  readonly hops: readonly HopFacts[];
  readonly links: readonly LinkFacts[];
  readonly sent: number;
  readonly broken: BrokenLink | null;
  readonly returns: boolean;
  readonly rewrites: readonly Rewrite[];
}

const BESIDE = ['return-egress', 'alternate-uplink'];

const ROLE: Readonly<Record<string, string>> = {
  'veth-host': 'veth host end',
  'bridge-port': 'bridge port',
};

const captionOf = (hop: Hop, state: TraceState): string =>
  hop.role === 'outside' || hop.role === 'service' ? (state.flow?.destination ?? '') : (ROLE[hop.role] ?? hop.role);

/** `null` until the path is known. */
export const pathFacts = (state: TraceState): PathFacts | null => {
  if (state.path === null) return null;
  const main = state.path.hops.filter((hop) => !BESIDE.includes(hop.role));
  const diagnosis = state.run?.diagnosis;
  const broken = diagnosis?.brokenLink ?? null;
  const returns = diagnosis?.direction === 'return';
  const counts = main.map((hop) => countsOf(hop, state));
  const sent =
    state.watched?.sent ?? state.run?.probe?.sent ?? Math.max(0, ...counts.map(({ forward }) => forward ?? 0));
  const brokenAt = broken === null ? -1 : main.findIndex((hop) => hop.id === broken.from);
  const hops = main.map((hop, index): HopFacts => {
    const seen = counts[index] ?? { forward: null, back: null };
    const beyond = brokenAt >= 0 && !returns && index > brokenAt;
    return {
      hop,
      number: hop.role === 'socket' ? '' : hop.id.slice(1),
      name: hop.ifname ?? hop.role,
      caption: captionOf(hop, state),
      ...seen,
      ...hopWord(hop, seen.forward, beyond, state.run !== null),
    };
  });
  const links = main.slice(1).flatMap((hop, index): LinkFacts[] => {
    const link = linkBetween(state.path, main[index]?.id, hop.id);
    if (link === null) return [];
    const here = broken?.from === link.from && broken.to === link.to;
    const reached = hops.slice(index + 1).some(({ forward }) => (forward ?? 0) > 0);
    return [
      linkFacts(link, {
        here,
        returns,
        reached,
        done: state.run !== null,
        stage: broken?.stage ?? null,
        beyond: brokenAt >= 0 && !returns && index > brokenAt,
      }),
    ];
  });
  return { hops, links, sent, broken, returns, rewrites: diagnosis?.rewrites ?? [] };
};

const linkBetween = (path: Path | null, from: string | undefined, to: string): Link | null =>
  path?.links.find((link) => link.from === from && link.to === to) ?? null;

const countsOf = (hop: Hop, state: TraceState): { forward: number | null; back: number | null } => {
  const done = state.run?.path.hops.find(({ id }) => id === hop.id);
  if (!hop.captured) return { forward: null, back: null };
  const watched = state.watched?.hops.find((own) => own.hop === hop.id);
  if (watched) return { forward: watched.forward, back: watched.return };
  if (done) return { forward: done.forward.seen, back: done.return.seen };
  const live = state.seen[hop.id];
  return { forward: live?.forward.length ?? 0, back: live?.return.length ?? 0 };
};

const hopWord = (hop: Hop, forward: number | null, beyond: boolean, done: boolean): { word: string; tone: Tone } => {
  if (hop.down) return { word: 'down', tone: 'fault' };
  if (hop.role === 'socket') return { word: 'sends', tone: 'plain' };
  if (forward === null) return { word: 'no capture', tone: 'faint' };
  if (forward > 0) return { word: 'ok', tone: 'ok' };
  if (!done) return { word: 'waiting', tone: 'faint' };
  return { word: beyond ? 'not reached' : 'silent', tone: 'faint' };
};

interface LinkSight {
  readonly here: boolean;
  readonly returns: boolean;
  readonly reached: boolean;
  readonly done: boolean;
  readonly beyond: boolean;
  readonly stage: Stage | null;
}

const linkFacts = (link: Link, sight: LinkSight): LinkFacts => {
  const { here, returns, reached, done, beyond, stage } = sight;
  if (here) {
    const broken = { state: returns ? 'passed' : 'broken', word: `BREAK: ${stage ?? ''}`, tone: 'fault' } as const;
    return { link, ...broken, replyBroken: returns, stages: brokenStages(link, sight) };
  }
  const whole = (state: LinkFacts['state'], word: string, tone: Tone): LinkFacts => ({
    link,
    state,
    replyBroken: false,
    word,
    tone,
    stages: link.stages.map((one) => ({ stage: one, word, tone })),
  });
  if (beyond) return whole('unreached', 'not reached', 'faint');
  if (reached || done) return whole('passed', 'ok', 'ok');
  return whole('waiting', 'waiting', 'faint');
};

/** A request passes the stages in their order up to the break; a reply that breaks here was let out by all of them. */
const brokenStages = ({ stages }: Link, { returns, stage }: LinkSight): readonly StageFacts[] => {
  const at = stage === null ? -1 : stages.indexOf(stage);
  return stages.map((one, index) => {
    if (index === at) return { stage: one, word: returns ? 'BREAK, back' : 'BREAK', tone: 'fault' };
    if (at < 0 && !returns) return { stage: one, word: 'not known', tone: 'faint' };
    return returns || index < at
      ? { stage: one, word: 'ok', tone: 'ok' }
      : { stage: one, word: 'not reached', tone: 'faint' };
  });
};
