import { createHash } from 'node:crypto';
import type { Run } from '../../model/run.js';
import { clip } from '../clip.js';
import { plural, probeWords, startedWords, statusLabel } from '../facts.js';
import { type Child, el, fragment, type Markup, rawElement } from './element.js';
import { embedRun } from './embed.js';
import { SCRIPT } from './script.js';
import { stateSection } from './section-state.js';
import {
  causeSection,
  evidenceSection,
  fixSection,
  pathSection,
  ruledOutSection,
  storySection,
} from './sections-diagnosis.js';
import {
  aboutSection,
  changesSection,
  filesSection,
  type ListedFile,
  limitsSection,
  packetsSection,
  redactionSection,
  timelineSection,
} from './sections-run.js';
import { slimRun } from './slim.js';
import { STYLE } from './style.js';

export type { ListedFile } from './sections-run.js';

const CONTENTS = [
  ['path', 'Path'],
  ['what-happened', 'What happened'],
  ['evidence', 'Evidence'],
  ['ruled-out', 'Ruled out'],
  ['cause', 'Cause'],
  ['fix', 'Fix'],
  ['packets', 'Packets'],
  ['state', 'State'],
  ['timeline', 'Timeline'],
  ['changes', 'Changes'],
  ['limits', 'Limits'],
  ['redaction', 'Redaction'],
  ['files', 'Files'],
  ['about', 'About'],
] as const;

const sha256 = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** Nothing is loaded from anywhere, and only our own style and script count. */
const POLICY = `default-src 'none'; img-src data:; style-src ${sha256(STYLE)}; script-src ${sha256(SCRIPT)}; base-uri 'none'; form-action 'none'`;

/** The whole report as one HTML file. It holds the run document, which `readRunFromHtml` gives back. */
export const renderHtml = (run: Run, files: readonly ListedFile[] = []): string => {
  const page = el(
    'html',
    { lang: 'en' },
    el(
      'head',
      {},
      el('meta', { charset: 'utf-8' }),
      el('meta', { 'http-equiv': 'Content-Security-Policy', content: POLICY }),
      el('meta', { name: 'viewport', content: 'width=device-width, initial-scale=1' }),
      el('meta', { name: 'referrer', content: 'no-referrer' }),
      el('meta', { name: 'color-scheme', content: 'light dark' }),
      el('title', {}, clip(`${statusLabel(run)}: ${run.diagnosis.title}`, 120)),
      el('link', { rel: 'icon', href: 'data:,' }),
      rawElement('style', STYLE),
    ),
    el(
      'body',
      {},
      el('a', { class: 'skip', href: '#path' }, 'Skip to the path'),
      head(run),
      body(run, files),
      foot(run),
      embedRun(slimRun(run)),
      rawElement('script', SCRIPT),
    ),
  );
  return `<!DOCTYPE html>\n${page}\n`;
};

const head = (run: Run): Markup =>
  el(
    'header',
    {},
    el('span', { class: `badge ${run.diagnosis.status}` }, statusLabel(run)),
    el('h1', {}, clip(run.diagnosis.title, 300)),
    el(
      'ul',
      { class: 'meta' },
      headFacts(run).map((fact) => el('li', {}, fact)),
    ),
    el(
      'nav',
      { 'aria-label': 'contents' },
      el(
        'ol',
        {},
        CONTENTS.map(([id, title]) => el('li', {}, el('a', { href: `#${id}` }, title))),
      ),
    ),
  );

const headFacts = (run: Run): readonly Child[] => {
  const values = Object.values(run.redactions ?? {}).reduce((sum, count) => sum + count, 0);
  return [
    clip(`${run.run.hostname}`, 80),
    clip(`${run.target.name} → ${run.flow.destinationText}`, 160),
    probeWords(run),
    startedWords(run),
    ...(run.diagnosis.confidence ? [`confidence: ${run.diagnosis.confidence}`] : []),
    `${plural(run.run.changesMade, 'change')} made`,
    run.run.redacted ? `REDACTED (${plural(values, 'value')})` : el('span', { class: 'warn' }, 'NOT REDACTED'),
    `run ${run.run.id}`,
  ];
};

const body = (run: Run, files: readonly ListedFile[]): Markup =>
  el(
    'main',
    {},
    pathSection(run),
    storySection(run),
    evidenceSection(run),
    el('div', { class: 'pair' }, ruledOutSection(run), causeSection(run)),
    fixSection(run),
    packetsSection(run),
    stateSection(run),
    timelineSection(run),
    changesSection(run),
    limitsSection(run),
    redactionSection(run),
    filesSection(files),
    aboutSection(run),
  );

const foot = (run: Run): Markup =>
  el('footer', {}, fragment(`${run.tool.name} ${run.tool.version}. This page loads nothing and sends nothing.`));
