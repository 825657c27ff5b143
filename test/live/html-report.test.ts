import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { execa } from 'execa';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { diagnose } from '../../src/engine/diagnose.js';
import type { Run } from '../../src/model/run.js';
import { renderHtml } from '../../src/report/html/page.js';
import { CHROMIUM, QUIET } from '../helpers/chromium.js';
import { recorded, runFrom } from '../helpers/evidence.js';
import { hostileRun } from '../helpers/hostile-run.js';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const RUN_AXE =
  'axe.run(document).then(({ violations }) => violations.map(({ id, nodes }) => [id, nodes[0].html].join(": ")))';

const runOf = (id: string): Run => {
  const evidence = recorded(id);
  return { ...runFrom(evidence, diagnose(evidence)), evidence };
};

const pages = {
  fault: runOf('host-ip-forward-off'),
  reply: runOf('nf-docker-user-drop'),
  healthy: runOf('textbook'),
  hostile: hostileRun(runOf('nf-missing-masquerade')),
};

const variants = (['light', 'dark'] as const).flatMap((colorScheme) =>
  [390, 1280].flatMap((width) => [true, false].map((script) => ({ colorScheme, width, script }))),
);

describe.skipIf(!existsSync(CHROMIUM))('an HTML report in a real browser', () => {
  let browser: Browser;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vethoscope-html-'));
    browser = await chromium.launch({ executablePath: CHROMIUM, args: QUIET });
    for (const [name, run] of Object.entries(pages)) await writeFile(join(folder, `${name}.html`), renderHtml(run));
  });

  afterAll(async () => {
    await browser.close();
    await rm(folder, { recursive: true });
  });

  test.each(Object.keys(pages))(
    '%s: complete, accessible and silent at every width, in light and dark',
    async (name) => {
      for (const { colorScheme, width, script } of variants) {
        const context = await browser.newContext({
          colorScheme,
          viewport: { width, height: 900 },
          javaScriptEnabled: script,
        });
        const page = await context.newPage();
        const heard: string[] = [];
        page.on('console', (message) => heard.push(message.text()));
        page.on('pageerror', (error) => heard.push(String(error)));
        page.on('request', (request) => heard.push(request.url()));
        page.on('dialog', (dialog) => {
          heard.push(`dialog ${dialog.message()}`);
          void dialog.dismiss();
        });
        const url = pathToFileURL(join(folder, `${name}.html`)).href;
        await page.goto(url);
        expect(heard).toEqual([url]);
        expect(await page.getByText('0 changes made').first().isVisible()).toBe(true);
        expect(await page.locator('svg').count()).toBeGreaterThan(0);
        if (script) {
          const client = await context.newCDPSession(page);
          await client.send('Runtime.evaluate', { expression: AXE });
          const { result } = await client.send('Runtime.evaluate', {
            expression: RUN_AXE,
            awaitPromise: true,
            returnByValue: true,
          });
          expect(result.value, `${name} ${colorScheme} ${width}`).toEqual([]);
          const over = await client.send('Runtime.evaluate', {
            expression: 'document.documentElement.scrollWidth - document.documentElement.clientWidth',
            returnByValue: true,
          });
          expect(over.result.value).toBe(0);
        }
        await context.close();
      }
    },
  );

  test.each(['fault', 'reply', 'healthy'])('%s: what a person, or a screen reader, finds on it', async (name) => {
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    await page.goto(pathToFileURL(join(folder, `${name}.html`)).href);
    await expect(`${await page.locator('body').ariaSnapshot()}\n`).toMatchFileSnapshot(`goldens/html-${name}.txt`);
    await page.close();
  });

  test('on paper: A4 pages, each hop and the fix among them, nothing cut at the right', async () => {
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    await page.goto(pathToFileURL(join(folder, 'reply.html')).href);
    const pdf = join(folder, 'reply.pdf');
    await page.pdf({ path: pdf, format: 'A4' });
    const { stdout } = await execa('pdftotext', ['-layout', pdf, '-']);
    for (const words of ['DOCKER-USER rule 1 drops the reply', '2 veth1_p', '6 Fix', 'probe 3 reply', '14 About'])
      expect(stdout.replace(/ +/g, ' ')).toContain(words);
    const { stdout: facts } = await execa('pdfinfo', [pdf]);
    expect(facts).toMatch(/Page size: +59[45]\.\d+ x 84[12]\.\d+ pts \(A4\)|Page size: +595 x 842 pts/);
    await page.emulateMedia({ media: 'print' });
    await page.setViewportSize({ width: 718, height: 1000 });
    const over = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';
    expect(await page.evaluate(over)).toBe(0);
    await page.close();
  });
});
