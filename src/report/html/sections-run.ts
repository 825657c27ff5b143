import { shellQuote } from '../../model/inert.js';
import type { Sighting } from '../../model/packet.js';
import type { Run } from '../../model/run.js';
import { hopNumber, hopTitle, plural, probeWords, shownHops, startedWords } from '../facts.js';
import { limitLines } from '../limits.js';
import { el, fragment, type Markup } from './element.js';
import { packetWords } from './lanes.js';
import { lanesSvg } from './lanes-svg.js';
import { code, command, facts, fold, list, section, table } from './parts.js';

/** A file that stands beside the report. */
export interface ListedFile {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly about: string;
}

const MOST_PACKETS = 200;

export const packetsSection = (run: Run): Markup => {
  const sightings = run.evidence?.sightings ?? [];
  if (sightings.length === 0)
    return section(
      7,
      'packets',
      'Packets per hop',
      el('p', {}, run.evidence ? 'No packet of the flow was captured.' : 'This run was stored without its evidence.'),
    );
  return section(
    7,
    'packets',
    'Packets per hop',
    el(
      'div',
      { class: 'figure', tabindex: 0, role: 'group', 'aria-label': 'packets of each probe at each hop' },
      lanesSvg(run, sightings),
    ),
    shownHops(run).map((hop) => hopPackets(run, hop.id, sightings)),
  );
};

const hopPackets = (run: Run, id: string, sightings: readonly Sighting[]): Markup | null => {
  const hop = run.path.hops.find((candidate) => candidate.id === id);
  if (!hop?.captured) return null;
  const seen = sightings.filter((sighting) => sighting.hop === id);
  const rows = seen
    .slice(0, MOST_PACKETS)
    .map(({ kind, probe, packet }) => [
      (packet.at / 1e6).toFixed(3),
      kind,
      probe ?? '',
      `${packet.length}`,
      packetWords(packet),
    ]);
  const name = `${hopNumber(hop)} ${hopTitle(run, hop)}`;
  return el(
    'details',
    { id: `hop-${hopNumber(hop)}` },
    el('summary', {}, code(name), ` ${plural(seen.length, 'packet')}`),
    rows.length === 0
      ? el('p', {}, 'The capture ran and saw none of the flow.')
      : table(`Packets on ${name}`, ['ms', 'kind', 'probe', 'bytes', 'headers'], rows),
    seen.length > MOST_PACKETS ? el('p', { class: 'aside' }, `The first ${MOST_PACKETS} of ${seen.length}.`) : null,
  );
};

export const timelineSection = (run: Run): Markup => {
  const phases = Object.entries(run.run.phasesMs);
  const longest = Math.max(1, ...phases.map(([, ms]) => ms));
  const bar = (ms: number) =>
    el(
      'svg',
      { class: 'bar', viewBox: '0 0 200 10', width: 200, height: 10, 'aria-hidden': 'true' },
      el('rect', { width: Math.max(1, (ms / longest) * 200), height: 10, rx: 3 }),
    );
  return section(
    9,
    'timeline',
    'Timeline',
    el('p', {}, `Started ${startedWords(run)}, took ${run.run.durationMs} ms.`),
    phases.length === 0
      ? null
      : table(
          'Phases of the run',
          ['phase', 'ms', 'share'],
          phases.map(([phase, ms]) => [phase, `${ms}`, bar(ms)]),
        ),
  );
};

export const changesSection = (run: Run): Markup => {
  const sent = (run.probe?.sent ?? 0) + (run.control?.sent ?? 0);
  return section(
    10,
    'changes',
    'Changes and undo',
    el(
      'p',
      {},
      run.run.changesMade === 0
        ? 'None: this run changed nothing that lasts.'
        : `${plural(run.run.changesMade, 'change')} made; undo with:`,
    ),
    run.run.changesMade === 0 ? null : command(['sudo', 'vethoscope', 'undo', run.run.id]),
    el(
      'p',
      { class: 'aside' },
      `What it did while it ran: ${plural(sent, 'probe packet')} to ${run.flow.destination}, and captures without promiscuous mode.`,
    ),
  );
};

export const limitsSection = (run: Run): Markup => {
  const lines = limitLines(run);
  return section(
    11,
    'limits',
    'Limits',
    lines.length === 0 ? el('p', {}, 'None: everything on the path was seen and read.') : list(lines),
  );
};

export const redactionSection = (run: Run): Markup => {
  if (!run.run.redacted)
    return section(
      12,
      'redaction',
      'Redaction',
      el('p', { class: 'warn' }, 'NOT REDACTED: addresses and names in this file are the real ones.'),
    );
  const kinds = Object.entries(run.redactions ?? {});
  return section(
    12,
    'redaction',
    'Redaction',
    el(
      'p',
      {},
      'Addresses and names are aliases, the same in every file of this report. Subnets and roles are kept. The map back is stored on the host where the report was made, and is not in this file.',
    ),
    kinds.length === 0
      ? null
      : table(
          'What was replaced',
          ['kind', 'different values'],
          kinds.map(([kind, count]) => [kind, `${count}`]),
        ),
  );
};

export const filesSection = (files: readonly ListedFile[]): Markup =>
  section(
    13,
    'files',
    'Files',
    files.length === 0
      ? el('p', {}, 'This page is the whole report. The run document is inside it.')
      : table(
          'Files beside this page',
          ['name', 'bytes', 'sha256', 'what it is'],
          files.map((file) => [
            code(file.name),
            `${file.bytes}`,
            el('code', { class: 'hash' }, file.sha256),
            file.about,
          ]),
        ),
    el('p', { class: 'aside' }, 'To read this page again on a command line: ', code('vethoscope show REPORT.html')),
  );

export const aboutSection = (run: Run): Markup =>
  section(
    14,
    'about',
    'About',
    facts([
      ['made by', `${run.tool.name} ${run.tool.version}`],
      ['command', code(shellQuote(['vethoscope', ...run.run.argv]))],
      ['run', code(run.run.id)],
      [
        'probe',
        run.probe
          ? fragment(`${plural(run.probe.sent, 'probe')}, ${probeWords(run)}`, command(run.probe.command))
          : 'none',
      ],
      ['control', run.control ? `${run.control.answered} of ${run.control.sent} answered to the host itself` : null],
      ['kernel', run.run.kernel],
      ['document', `${run.schema} ${run.formatVersion}`],
    ]),
    run.probe?.output ? fold('output of the probe', el('pre', { class: 'output' }, run.probe.output)) : null,
  );
