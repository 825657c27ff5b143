import MarkdownIt from 'markdown-it';
import { describe, expect, test } from 'vitest';
import type { Run } from '../../../src/model/run.js';
import { renderMarkdown } from '../../../src/report/markdown/markdown.js';
import { hostileRun } from '../../helpers/hostile-run.js';
import { storedRun, storedRunNames } from '../../helpers/stored-runs.js';

/** As forges render: HTML passes through, and what looks like an address becomes a link. */
const renderer = new MarkdownIt({ html: true, linkify: true, breaks: true });

type Block = ReturnType<typeof renderer.parse>[number];

const blocksOf = (run: Run): readonly Block[] => renderer.parse(renderMarkdown(run), {});
const flat = (blocks: readonly Block[]): readonly Block[] =>
  blocks.flatMap((block) => [block, ...(block.children ?? [])]);
const headings = (blocks: readonly Block[]): readonly string[] =>
  blocks.flatMap((block, index) => (block.type === 'heading_open' ? (blocks[index + 1]?.content ?? '') : []));

describe.each(storedRunNames)('the Markdown of %s, rendered', (name) => {
  const run = storedRun(name);

  test('has its headings, its path as text and as a flowchart, and no markup left over', () => {
    const blocks = blocksOf(run);
    expect(headings(blocks)).toEqual(
      expect.arrayContaining(['Path', 'What happened', 'Evidence', 'Limits', 'Redaction']),
    );
    const fences = blocks.filter(({ type }) => type === 'fence').map(({ info, content }) => [info, content] as const);
    expect(fences.find(([info]) => info === 'mermaid')?.[1]).toMatch(/^flowchart LR\n/);
    expect(fences.find(([info]) => info === 'text')?.[1]).toContain('request');
    const words = flat(blocks).filter(({ type }) => type === 'text');
    for (const { content } of words) expect(content).not.toMatch(/\*\*|^#+ |```/);
  });

  test('shows every remedy as a block of its own commands', () => {
    const shown = blocksOf(run)
      .filter(({ type }) => type === 'fence')
      .map(({ content }) => content)
      .join('');
    const [remedy] = run.findings.flatMap(({ rank, remedies }) => (rank === 'root' ? remedies : []));
    for (const [program = ''] of remedy?.commands ?? []) expect(shown).toContain(program);
  });

  test.each(['host', 'elsewhere'] as const)('holds no HTML, image or link of a hostile run, from %s', (from) => {
    const hostile = flat(blocksOf(hostileRun(run, from)));
    const active = hostile.filter(({ type }) => /^(?:html_|image|link_)/.test(type));
    expect(active.map(({ type, content }) => `${type} ${content}`)).toEqual([]);
    const own = headings(blocksOf(run)).slice(1);
    const kept = headings(blocksOf(hostileRun(run, from))).slice(1);
    expect(kept).toEqual(own.filter((title) => kept.includes(title)));
    expect(kept).toEqual(expect.arrayContaining(['Path', 'What happened', 'Limits', 'Redaction']));
  });
});
