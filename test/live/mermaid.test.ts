import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { diagnose } from '../../src/engine/diagnose.js';
import type { Run } from '../../src/model/run.js';
import { mermaid } from '../../src/report/markdown/mermaid.js';
import { CHROMIUM, QUIET } from '../helpers/chromium.js';
import { recorded, recordedIds, runFrom } from '../helpers/evidence.js';
import { hostileRun } from '../helpers/hostile-run.js';

const MERMAID = createRequire(import.meta.url).resolve('mermaid/dist/mermaid.min.js');

const runOf = (id: string): Run => {
  const evidence = recorded(id);
  return { ...runFrom(evidence, diagnose(evidence)), evidence };
};

const BESIDE: readonly string[] = ['return-egress', 'alternate-uplink'];

/** In the page: the text of each box and arrow of the drawing, and whether anything in it is active. */
const DRAW = `async (source) => {
  const { svg } = await mermaid.render('drawing', source);
  document.body.innerHTML = svg;
  const texts = (selector) => [...document.querySelectorAll(selector)].map((node) => node.textContent.trim());
  return {
    boxes: texts('.node .nodeLabel'),
    edges: texts('g.edgeLabel').filter((text) => text !== ''),
    active: document.body.querySelectorAll('script, iframe, a[href], [onerror], img').length,
  };
}`;

interface Drawing {
  readonly boxes: readonly string[];
  readonly edges: readonly string[];
  readonly active: number;
}

describe.skipIf(!existsSync(CHROMIUM))('the path of a Markdown report, drawn by Mermaid', () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: CHROMIUM, args: QUIET });
  });

  afterAll(() => browser.close());

  const draw = async (runs: readonly Run[]): Promise<readonly Drawing[]> => {
    const context = await browser.newContext({ offline: true });
    const page = await context.newPage();
    await page.addScriptTag({ path: MERMAID });
    await page.evaluate("mermaid.initialize({ startOnLoad: false, securityLevel: 'strict' })");
    const drawings: Drawing[] = [];
    for (const run of runs) drawings.push(await page.evaluate(`(${DRAW})(${JSON.stringify(mermaid(run).join('\n'))})`));
    await context.close();
    return drawings;
  };

  test('a box for each hop on the way, and the break on its arrow', { timeout: 120_000 }, async () => {
    const ids = recordedIds.filter((id, index) => id === 'host-rp-filter-uplink' || index % 4 === 0);
    const runs = ids.map(runOf);
    for (const [index, { boxes, edges, active }] of (await draw(runs)).entries()) {
      const { diagnosis, path } = runs[index] as Run;
      const onWay = path.hops.filter(({ ifname, role }) => ifname !== null && !BESIDE.includes(role));
      for (const { ifname } of onWay) expect(boxes.join('\n'), ids[index]).toContain(ifname);
      expect(edges.length, ids[index]).toBe(diagnosis.brokenLink ? 1 : 0);
      expect(active).toBe(0);
    }
  });

  test('names that are markup stay text', async () => {
    const [drawing] = await draw([hostileRun(runOf('nf-missing-masquerade'))]);
    expect(drawing?.active).toBe(0);
    expect(drawing?.boxes.length).toBeGreaterThan(3);
  });
});
