import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { el, escapeText, rawElement } from '../../../src/report/html/element.js';
import { readRunFromHtml } from '../../../src/report/html/embed.js';
import { renderHtml } from '../../../src/report/html/page.js';
import { hostileRun } from '../../helpers/hostile-run.js';
import { smallRun } from '../../helpers/small-run.js';
import { storedRun, storedRunNames } from '../../helpers/stored-runs.js';

const SECTIONS =
  'path what-happened evidence ruled-out cause fix packets state timeline changes limits redaction files about'.split(
    ' ',
  );

/** Start tags with their attributes, as a browser would read them outside of scripts and styles. */
const tagsOf = (html: string): readonly string[] =>
  html.replace(/<(script|style)\b[^>]*>[\s\S]*?<\/\1>/g, '<$1>').match(/<[a-zA-Z!][^>]*>/g) ?? [];

describe.each(storedRunNames)('%s', (name) => {
  const run = storedRun(name);
  const html = renderHtml(run);

  test('has all fourteen sections in their order', () => {
    const found = [...html.matchAll(/<section id="([\w-]+)"/g)].map((match) => match[1]);
    expect(found).toEqual(SECTIONS);
  });

  test('gives the run back', () => {
    expect(JSON.parse(readRunFromHtml(html) ?? '')).toEqual(run);
  });

  test('loads nothing and allows nothing but its own style and script', () => {
    const tags = tagsOf(html).join('');
    expect(tags).not.toMatch(/\b(?:src|srcset|action|formaction)=|url\((?!#)|\sstyle=|\son\w+=/);
    expect(html).not.toContain('@import');
    for (const link of tags.match(/href="[^"]*"/g) ?? []) expect(link).toMatch(/^href="(?:#[\w-]+|data:,)"$/);
    const policy = /Content-Security-Policy" content="([^"]*)"/.exec(html)?.[1]?.replaceAll('&#39;', "'") ?? '';
    expect(policy).toMatch(/^default-src 'none';/);
    expect(policy).not.toContain('unsafe');
    const blocks = [...html.matchAll(/<(?:style|script)>([\s\S]*?)<\/(?:style|script)>/g)].map(
      (match) => match[1] ?? '',
    );
    expect(blocks).toHaveLength(2);
    for (const block of blocks)
      expect(policy).toContain(`'sha256-${createHash('sha256').update(block).digest('base64')}'`);
  });

  test('is small', () => {
    expect(html.length).toBeLessThan(300_000);
  });

  test('every anchor leads somewhere', () => {
    for (const [, id] of html.matchAll(/href="#([\w-]+)"/g)) expect(html).toContain(`id="${id}"`);
  });
});

test('the drawing says in words what it shows: counts, the break, NAT', () => {
  const broken = renderHtml(storedRun('host-ip-forward-off'));
  expect(broken).toContain('requests stop between hop 3 br0 and hop 4 eth0: the routing step');
  expect(broken).toContain('hop 3 br0: 3 of 3 requests and 0 of 3 replies seen');
  expect(renderHtml(storedRun('healthy'))).toContain(
    'NAT of the request: source 192.168.0.2 → 198.51.100.10, seen at hop 4 eth0',
  );
});

test('the swim lanes mark the last sighting of a lost probe, and none of an answered one', () => {
  expect(renderHtml(storedRun('host-ip-forward-off')).match(/last seen<\/text>/g)).toHaveLength(3);
  expect(renderHtml(storedRun('healthy'))).not.toContain('last seen</text>');
});

test.each(['host', 'elsewhere'] as const)('hostile texts from %s become no markup and no hidden characters', (from) => {
  const calm = tagsOf(renderHtml(storedRun('nf-missing-masquerade'))).map((tag) => /<!?(\w+)/.exec(tag)?.[1]);
  const html = renderHtml(hostileRun(storedRun('nf-missing-masquerade'), from));
  const names = tagsOf(html).map((tag) => /<!?(\w+)/.exec(tag)?.[1]);
  for (const tag of names) expect(calm).toContain(tag);
  expect(names.filter((tag) => tag === 'script')).toHaveLength(2);
  expect(html).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f\u202a-\u202e\u2066-\u2069]/);
  const attributes = tagsOf(html)
    .map((tag) => tag.replace(/="[^"]*"/g, '='))
    .join('');
  expect(attributes).not.toMatch(/\s(?:on\w+|style|src)=/);
});

test('a run without evidence or findings renders whole', () => {
  const html = renderHtml(smallRun('1'));
  expect([...html.matchAll(/<section /g)]).toHaveLength(14);
});

test('a redacted run says so and names kinds alone', () => {
  const html = renderHtml({
    ...smallRun('1'),
    run: { ...smallRun('1').run, redacted: true },
    redactions: { 'MAC addresses': 3 },
  });
  expect(html).toContain('REDACTED (3 values)');
  expect(html).not.toContain('NOT REDACTED');
});

test('rules by the ten thousand are left out of the page and named', () => {
  const run = storedRun('healthy');
  const host = run.evidence?.before['host'];
  if (!run.evidence || !host) throw new Error('no host state');
  const rules = Array.from(
    { length: 70_000 },
    (_, index) => `-A FORWARD -s 10.${index >> 8}.${index & 255}.0/24 -j DROP`,
  ).join('\n');
  const value = `*filter\n:FORWARD ACCEPT [0:0]\n${rules}\nCOMMIT\n`;
  const changed = { ...host, iptablesNft: { ok: true as const, value, command: [], ms: 1 } };
  const html = renderHtml({ ...run, evidence: { ...run.evidence, before: { ...run.evidence.before, host: changed } } });
  expect(html.length).toBeLessThan(1_500_000);
  expect(html).toContain('filter FORWARD policy ACCEPT: 70000 rules');
  const embedded = JSON.parse(readRunFromHtml(html) ?? '');
  expect(embedded.reduced).toEqual(['iptablesNft of host (before the probe)']);
  expect(embedded.evidence.before.host.iptablesNft.ok).toBe(false);
});

describe('element', () => {
  test('escapes texts and attributes alike', () => {
    expect(el('p', { title: '"<&' }, "<b>'").toString()).toBe('<p title="&quot;&lt;&amp;">&lt;b&gt;&#39;</p>');
  });

  test('makes control characters and bidirectional marks visible', () => {
    expect(escapeText('a\u001b[31m\u202eb\nc')).toBe('a\\x1b[31m\\u202eb\nc');
  });

  test('refuses names that could end a tag', () => {
    expect(() => el('p', { 'x><script': 'y' })).toThrow(TypeError);
    expect(() => rawElement('script', 'a</script>')).toThrow(TypeError);
  });
});
