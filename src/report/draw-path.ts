import { inert } from '../model/inert.js';
import { packetsOf } from '../model/probe.js';
import type { Run, RunHop } from '../model/run.js';
import { hopTitle, isOwnProcess } from './facts.js';
import { lossLines } from './loss-lines.js';
import type { Style } from './style.js';

/** Columns before the first hop, for the names of the rows. */
const GUTTER = 9;
const SIDE = ['return-egress', 'alternate-uplink'];

interface Cell {
  readonly hop: RunHop;
  readonly label: string;
  readonly forward: string;
  readonly back: string;
}

/**
 * The path as drawn lines: the hops with their names, how many requests and how many replies were seen at each, and
 * exactly one break. Falls back to one line for each hop where the drawing is wider than the terminal.
 */
export const drawPath = (run: Run, style: Style, width: number): readonly string[] => {
  const broken = run.diagnosis.brokenLink;
  const onWay = run.path.hops.filter((hop) => !SIDE.includes(hop.role));
  const shown = broken?.from === onWay[0]?.id ? onWay : onWay.slice(1);
  const cells = shown.map((hop) => cellOf(run, hop));
  const drawn = horizontal(run, cells, style);
  const side = run.path.hops.filter((hop) => SIDE.includes(hop.role)).flatMap((hop) => sideLines(run, hop, style));
  const fits = drawn.every((line) => line.plain.length <= width);
  const legend = cells.some((cell) => cell.forward === '?') ? [style.faint('? = no capture there, not a loss')] : [];
  return [
    ...(fits ? drawn.map((line) => line.painted) : vertical(run, cells, style)),
    ...side,
    ...lossLines(run),
    ...legend,
  ];
};

/** Replies that came to a device beside the request's way, and the break where they end there. */
const sideLines = (run: Run, hop: RunHop, style: Style): readonly string[] => {
  const { brokenLink } = run.diagnosis;
  const count = `${hop.return.seen}/${hop.return.of}`;
  const came = hop.return.seen > 0 ? [`   replies came to ${inert(hop.ifname ?? hop.id)} instead: ${count}`] : [];
  const ends = brokenLink?.from === hop.id || brokenLink?.to === hop.id;
  return ends ? [...came, style.error(`   ${style.glyphs.cross} ${stopText(run)}`)] : came;
};

const cellOf = (run: Run, hop: RunHop): Cell => {
  const number = hop.id.slice(1);
  const name = hopTitle(run, hop);
  const count = (seen: { readonly seen: number; readonly of: number }) =>
    hop.captured ? `${seen.seen}/${seen.of}` : '';
  const silent = hop.role === 'socket' ? '' : '?';
  return {
    hop,
    label: hop.role === 'socket' ? 'socket' : `${number} ${inert(name)}`,
    forward: hop.captured ? count(hop.forward) : silent,
    back: count(hop.return),
  };
};

interface Line {
  readonly plain: string;
  readonly painted: string;
}

const horizontal = (run: Run, cells: readonly Cell[], style: Style): readonly Line[] => {
  const { glyphs } = style;
  const broken = run.diagnosis.brokenLink;
  const forwardBreak = run.diagnosis.direction === 'forward' ? broken : undefined;
  const returnBreak = run.diagnosis.direction === 'return' ? broken : undefined;
  const widths = cells.map((cell) => Math.max(cell.label.length, cell.forward.length, cell.back.length));
  let top = ' '.repeat(GUTTER);
  let forward = 'request';
  let back = 'reply';
  let pointerAt = -1;
  let gone = false;
  cells.forEach((cell, index) => {
    const wide = widths[index] ?? 0;
    const next = cells[index + 1];
    const last = next === undefined;
    const breaksHere = forwardBreak?.from === cell.hop.id && forwardBreak.to === next?.hop.id;
    const repliesBreakHere = returnBreak?.from === cell.hop.id && returnBreak.to === next?.hop.id;
    const connector = last ? '' : breaksHere ? glyphs.broken : gone ? glyphs.silent : glyphs.arrow;
    if (breaksHere || repliesBreakHere) pointerAt = top.length + wide + 3;
    if (breaksHere) gone = true;
    const start = top.length;
    top += cell.label.padEnd(wide) + (last ? '' : ` ${connector} `);
    forward = forward.padEnd(start) + cell.forward;
    back = back.padEnd(start) + cell.back;
    if (repliesBreakHere) back = `${back.padEnd(pointerAt)}${glyphs.cross}`;
  });
  const lines: Line[] = [
    paintBreak(top.trimEnd(), style),
    { plain: forward.trimEnd(), painted: forward.trimEnd() },
    paintBreak(back.trimEnd(), style),
  ];
  if (broken && pointerAt >= 0) {
    const text = `${glyphs.corner} ${stopText(run)}`;
    const start = Math.min(pointerAt, Math.max(3, 78 - text.length));
    const line = `${' '.repeat(start)}${text}`;
    lines.push({ plain: line, painted: style.error(line) });
  }
  return lines;
};

const paintBreak = (plain: string, style: Style): Line => ({
  plain,
  painted: plain.replace(style.glyphs.broken, style.error(style.glyphs.broken)),
});

/** Where no cause is known, the captures name the link and nothing names the stage. */
export const isStageKnown = (run: Run): boolean =>
  run.diagnosis.cause !== null && run.diagnosis.cause !== 'unexplained-drop';

const stopText = (run: Run): string => {
  const { direction, brokenLink, packetBytes, rewrites } = run.diagnosis;
  const answers = run.probe?.answers ?? [];
  const lost = answers.filter(({ outcome }) => outcome !== 'answered').length;
  const all = lost === answers.length ? `all ${lost}` : `${lost} of ${answers.length}`;
  if (isOwnProcess(run)) return `our probes pass; ${run.target.name} cannot send its own`;
  if (lost === 0 && run.flow.dns !== undefined) return 'answered: no such name';
  if (brokenLink?.stage === 'wire' || brokenLink?.stage === 'outside')
    return answers.some(({ outcome }) => outcome === 'refused') ? 'refused there' : 'nothing came back';
  const stage = brokenLink && isStageKnown(run) ? `: ${brokenLink.stage}` : '';
  if (run.probe?.sent === 0) return `no probe could be sent${stage}`;
  if (packetBytes !== undefined) return `packets of ${packetBytes} bytes stop here${stage}`;
  if (lost === 0)
    return `${rewrites.some(({ fromHop }) => fromHop === brokenLink?.from) ? 'handed on' : 'answered'} here, by another program`;
  if (lost === 1 && answers.length === 1)
    return `the ${direction === 'return' ? 'reply' : packetsOf(run.probe).slice(0, -1)} stops here${stage}`;
  return `${all} ${direction === 'return' ? 'replies' : packetsOf(run.probe)} stop here${stage}`;
};

const vertical = (run: Run, cells: readonly Cell[], style: Style): readonly string[] => {
  const broken = run.diagnosis.brokenLink;
  const wide = Math.max(...cells.map((cell) => cell.label.length));
  return cells.flatMap((cell) => {
    const counts = cell.hop.captured ? `request ${cell.forward}  reply ${cell.back}` : cell.forward;
    const line = `   ${cell.label.padEnd(wide)}  ${counts}`;
    return broken?.from === cell.hop.id ? [line, style.error(`   ${style.glyphs.cross} ${stopText(run)}`)] : [line];
  });
};
