import { describe, expect, test } from 'vitest';
import { RUN_FORMAT_VERSION, type Run } from '../../../src/model/run.js';
import { renderJunit } from '../../../src/report/junit.js';
import { codeSpan, fence, plain, row } from '../../../src/report/markdown/escape.js';
import { renderMarkdown } from '../../../src/report/markdown/markdown.js';
import { mermaid } from '../../../src/report/markdown/mermaid.js';
import { renderSarif } from '../../../src/report/sarif.js';
import { runDocument, runJsonSchema } from '../../../src/report/schema.js';
import { story } from '../../../src/report/story.js';
import { xmlText } from '../../../src/report/xml.js';
import { hostileRun } from '../../helpers/hostile-run.js';
import { smallRun } from '../../helpers/small-run.js';
import { storedRun, storedRunNames } from '../../helpers/stored-runs.js';

const broken = storedRun('host-ip-forward-off');

describe('what happened', () => {
  test('a loss on this host', () => {
    expect(story(broken)).toEqual([
      'net1 sent 3 probes (ICMP echo) to 203.0.113.5, and none was answered.',
      'The requests were seen on hop 1 eth0, hop 2 veth1_p and hop 3 br0; they are lost between hop 3 br0 and hop 4 eth0, at the routing step of prod-7.',
      'The cause: host does not forward packets: net.ipv4.ip_forward = 0 (certain); the commands that mend it are under Fix.',
    ]);
  });

  test('nothing comes back from outside', () => {
    expect(story(storedRun('nf-missing-masquerade'))[1]).toBe(
      'The requests were seen on hop 1 eth0, hop 2 veth1_p, hop 3 br0 and hop 4 eth0, so they left this host; no answer came back to it.',
    );
  });

  test('all is well, and no probe', () => {
    expect(story(storedRun('healthy'))[0]).toContain('all were answered');
    expect(story(smallRun('1'))[0]).toBe('No probe was sent from net1 to 203.0.113.5.');
  });
});

test('a run of every version of the format is kept, to be read and rendered by what comes later', () => {
  const newest = Number(RUN_FORMAT_VERSION.split('.')[1]);
  const kept = new Set(storedRunNames.map((name) => storedRun(name).formatVersion));
  for (let minor = 0; minor <= newest; minor += 1) expect(kept).toContain(`1.${minor}`);
  for (const name of storedRunNames) expect(runDocument.safeParse(storedRun(name)).success, name).toBe(true);
});

describe('Markdown', () => {
  test.each(storedRunNames)('%s: sections, drawing and flowchart, in little room', (name) => {
    const text = renderMarkdown(storedRun(name));
    for (const title of ['Path', 'What happened', 'Evidence', 'Limits', 'Redaction'])
      expect(text).toContain(`\n## ${title}\n`);
    expect(text).toContain('```mermaid\nflowchart LR\n');
    expect(text).toMatch(/```text\n[\x20-\x7e\n]+\n```/);
    expect(text.length).toBeLessThan(60_000);
  });

  test('stays under 60,000 characters and ends no fence too late, whatever is in it', () => {
    const output = 'x'.repeat(1400);
    const many = Array.from({ length: 80 }, () => ({ kind: 'read' as const, text: 'a'.repeat(900), output }));
    const run: Run = { ...broken, findings: broken.findings.map((finding) => ({ ...finding, evidence: many })) };
    const text = renderMarkdown(run);
    expect(text.length).toBeLessThanOrEqual(60_000);
    expect(text).toContain('the rest is in the HTML report');
    expect((text.match(/^ *```/gm) ?? []).length % 2).toBe(0);
  });

  test('foreign text is no markup, mention, link or fence', () => {
    expect(plain('a*b_c<d>[e](f)|g')).toBe('a\\*b\\_c\\<d\\>\\[e\\](f)\\|g');
    expect(plain('- item')).toBe('\\- item');
    expect(plain('1. item')).toBe('1\\. item');
    expect(plain('198.18.0.1 answers')).toBe('198.18.0.1 answers');
    expect(plain('ask @everyone')).toBe('`ask @everyone`');
    expect(plain('see https://x')).toBe('`see https://x`');
    expect(codeSpan('a`b')).toBe('``a`b``');
    expect(fence(['```', 'x'])).toBe('````\n```\nx\n````');
    expect(row(['a|b', '`c|d`'])).toBe('| a\\|b | `c\\|d` |');
  });

  test.each(['host', 'elsewhere'] as const)('no markup and no mention stands outside of code, from %s', (from) => {
    for (const name of storedRunNames) {
      const text = renderMarkdown(hostileRun(storedRun(name), from))
        .replace(/^( *)(`{3,})[^\n]*\n[\s\S]*?\n\1\2$/gm, '')
        .replace(/(?<!`)(`+)(?!`)[\s\S]*?(?<!`)\1(?!`)/g, '');
      expect(text).not.toMatch(/(?<!\\)[<>]|@everyone|(?<!\\)\[x|alert\(1\)<|\u001b|\u202e/);
    }
  });

  test('the flowchart breaks where the packets do, and labels hold no markup', () => {
    expect(mermaid(broken)).toContain('  h3 --x|"lost here: the routing step"| h4');
    expect(mermaid(storedRun('nf-missing-masquerade'))).toContain('  h5 --x|"lost here: the wire"| h4');
    for (const line of [...mermaid(hostileRun(broken)), ...mermaid(hostileRun(broken, 'elsewhere'))])
      expect(line.replaceAll('<br/>', '')).not.toMatch(/[<`\n]|"[^"|\]]*"[^\]|]*"/);
  });
});

describe('JUnit', () => {
  test('a fault fails the flow and its cause; what was ruled out passes', () => {
    const xml = renderJunit(broken);
    expect(xml).toContain('<failure message="host does not forward packets: net.ipv4.ip_forward = 0" type="V3001">');
    expect(xml).toMatch(/<testsuite [^>]*failures="2" errors="0"/);
    expect(xml.match(/<testcase /g)).toHaveLength(2 + broken.ruledOut.length);
  });

  test('an undecided run is an error', () => {
    const run = {
      ...smallRun('1'),
      diagnosis: { ...smallRun('1').diagnosis, status: 'inconclusive' as const, doubts: ['no probe was sent'] },
    };
    expect(renderJunit(run)).toContain('<error message="no probe was sent" type="inconclusive">');
  });

  test('--fail-on decides what fails', () => {
    const run: Run = { ...broken, diagnosis: { ...broken.diagnosis, status: 'degraded' } };
    expect(renderJunit(run, 'error')).not.toContain('<failure');
    expect(renderJunit(run, 'warn')).toContain('<failure');
  });

  test('XML forbids control characters and lone surrogates', () => {
    expect(xmlText('a\u0000<b>\ud800"\n')).toBe('a\\x00&lt;b&gt;\ufffd&quot;&#10;');
    expect(renderJunit(hostileRun(broken))).not.toMatch(/[\u0000-\u0008\u000b-\u001f]|\ud800/);
  });
});

describe('SARIF', () => {
  const parsed = JSON.parse(renderSarif(broken));

  test('each finding is a result at its place', () => {
    const [result] = parsed.runs[0].results;
    expect(result).toMatchObject({ ruleId: 'V3001', ruleIndex: 0, level: 'error' });
    expect(result.locations[0].message.text).toBe('between hop 3 br0 and hop 4 eth0, at the routing step');
    expect(result.locations[0].physicalLocation.artifactLocation.uri).toBe('run-3f9c.json');
    expect(parsed.runs[0].tool.driver.rules[0].id).toBe('V3001');
  });

  test('the file that set it is the location where it is known', () => {
    const run: Run = {
      ...broken,
      findings: broken.findings.map((finding) => ({
        ...finding,
        origin: { owner: 'sysctl.d', file: '/etc/sysctl.d/99 x.conf', line: 12 },
      })),
    };
    const [location] = JSON.parse(renderSarif(run)).runs[0].results[0].locations;
    expect(location.physicalLocation).toEqual({
      artifactLocation: { uri: 'file:///etc/sysctl.d/99%20x.conf' },
      region: { startLine: 12 },
    });
  });

  test('no finding, no result', () => {
    expect(JSON.parse(renderSarif(storedRun('healthy'))).runs[0].results).toEqual([]);
  });
});

describe('schema', () => {
  test.each(storedRunNames)('%s is a document of it', (name) => {
    expect(runDocument.safeParse(storedRun(name)).error?.issues ?? []).toEqual([]);
  });

  test('a document without evidence is one too, and one with a wrong status is none', () => {
    expect(runDocument.safeParse(smallRun('1')).success).toBe(true);
    expect(
      runDocument.safeParse({ ...smallRun('1'), diagnosis: { ...smallRun('1').diagnosis, status: 'fine' } }).success,
    ).toBe(false);
  });

  test('the published JSON Schema is made from it (vitest -u writes it)', async () => {
    await expect(`${JSON.stringify(runJsonSchema(), null, 2)}\n`).toMatchFileSnapshot(
      '../../../src/report/schema.json',
    );
  });
});
