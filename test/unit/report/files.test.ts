import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { diffRuns } from '../../../src/report/diff/diff-runs.js';
import { renderDiffJson, renderDiffText } from '../../../src/report/diff/render-diff.js';
import { reportFiles } from '../../../src/report/files.js';
import { tar } from '../../../src/report/tar.js';
import { hostileRun } from '../../helpers/hostile-run.js';
import { smallRun } from '../../helpers/small-run.js';
import { storedRun } from '../../helpers/stored-runs.js';

const entriesOf = (archive: Buffer): ReadonlyMap<string, Buffer> => {
  const entries = new Map<string, Buffer>();
  for (let at = 0; archive.readUInt8(at) !== 0; ) {
    const size = Number.parseInt(archive.toString('latin1', at + 124, at + 135), 8);
    const name = archive.toString('latin1', at, at + 100).replace(/\0.*/, '');
    entries.set(name, archive.subarray(at + 512, at + 512 + size));
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return entries;
};

describe('files', () => {
  test('the formats that were asked for, pages last with the sums of the others', () => {
    const files = reportFiles(storedRun('host-ip-forward-off'), ['html', 'json', 'pcapng']);
    expect(files.map(({ name }) => name)).toEqual([
      'run-3f9c.json',
      'run-3f9c-all.pcapng',
      'run-3f9c-hop1.pcapng',
      'run-3f9c-hop2.pcapng',
      'run-3f9c-hop3.pcapng',
      'run-3f9c-hop4.pcapng',
      'run-3f9c.html',
    ]);
    const html = Buffer.from(files.at(-1)?.content ?? []).toString('utf8');
    const [json] = files;
    expect(html).toContain(
      createHash('sha256')
        .update(json?.content ?? '')
        .digest('hex'),
    );
  });

  test('a foreign run id makes no path', () => {
    const run = smallRun('../../etc/passwd\u0000x');
    expect(reportFiles(run, ['md']).map(({ name }) => name)).toEqual(['run-etcpasswdx.md']);
    expect(reportFiles(smallRun('///'), ['md']).map(({ name }) => name)).toEqual(['run-unnamed.md']);
  });

  test('every format of a hostile run can be written', () => {
    expect(reportFiles(hostileRun(storedRun('healthy')), ['bundle'])).toHaveLength(1);
  });
});

describe('bundle', () => {
  const [bundle] = reportFiles(storedRun('host-ip-forward-off'), ['bundle']);
  const entries = entriesOf(gunzipSync(bundle?.content ?? Buffer.alloc(0)));

  test('one archive with every format', () => {
    expect(bundle?.name).toBe('vethoscope-run-3f9c.tar.gz');
    const endings = [...entries.keys()].map((name) => name.replace('vethoscope-run-3f9c/run-3f9c', ''));
    expect(endings).toEqual(
      expect.arrayContaining(['.html', '.md', '.json', '.txt', '.junit.xml', '.sarif', '-all.pcapng', '-hop1.pcapng']),
    );
  });

  test('the sums are right and cover every file', () => {
    const sums = (entries.get('vethoscope-run-3f9c/SHA256SUMS') ?? Buffer.alloc(0)).toString('utf8').trim().split('\n');
    expect(sums).toHaveLength(entries.size - 1);
    for (const line of sums) {
      const [sum, name] = line.split('  ');
      expect(
        createHash('sha256')
          .update(entries.get(`vethoscope-run-3f9c/${name}`) ?? '')
          .digest('hex'),
      ).toBe(sum);
    }
  });

  test('the same run gives the same bytes', () => {
    const [again] = reportFiles(storedRun('host-ip-forward-off'), ['bundle']);
    expect(Buffer.from(again?.content ?? []).equals(Buffer.from(bundle?.content ?? []))).toBe(true);
  });

  test('a name that does not fit is refused, not cut', () => {
    expect(() => tar([{ name: 'x'.repeat(101), content: new Uint8Array() }], 0)).toThrow(RangeError);
  });
});

describe('diff', () => {
  const diff = diffRuns(storedRun('healthy'), storedRun('nf-missing-masquerade'));

  test('what decides comes first: the conclusion, the hops, the rule that is missing', () => {
    const matter = diff.differences.filter((difference) => difference.matters);
    expect(matter.map(({ area }) => area)).toEqual([
      'diagnosis',
      'diagnosis',
      'diagnosis',
      'hop',
      'hop',
      'hop',
      'hop',
      'iptables',
    ]);
    expect(matter.at(-1)).toMatchObject({
      netns: 'host',
      a: 'present',
      b: null,
      key: 'iptables nat: -A POSTROUTING -s 192.168.0.0/24 ! -o br0 -j MASQUERADE',
    });
  });

  test('a setting that decides about the flow matters', () => {
    const settings = diffRuns(storedRun('healthy'), storedRun('host-ip-forward-off')).differences.filter(
      ({ area, matters }) => area === 'setting' && matters,
    );
    expect(settings[0]).toMatchObject({ key: 'net.ipv4.ip_forward', a: '1', b: '0' });
  });

  test('a run does not differ from itself', () => {
    expect(diffRuns(storedRun('healthy'), storedRun('healthy')).differences).toEqual([]);
  });

  test('text and JSON say the same', () => {
    const text = renderDiffText(diff, { color: false, ascii: true, all: false });
    expect(text).toContain('8 differences on the way of this flow');
    expect(text).toContain('  - iptables nat: -A POSTROUTING -s 192.168.0.0/24 ! -o br0 -j MASQUERADE');
    expect(JSON.parse(renderDiffJson(diff))).toMatchObject({
      schema: 'vethoscope/diff',
      differences: diff.differences,
    });
  });

  test('runs without evidence are compared as far as they go, and the limit is named', () => {
    expect(diffRuns(smallRun('1'), storedRun('healthy')).limits).toEqual([
      'run 1 has no evidence: its state cannot be compared',
    ]);
  });

  test('hostile keys are inert', () => {
    const text = renderDiffText(diffRuns(storedRun('healthy'), hostileRun(storedRun('healthy'))), {
      color: false,
      ascii: false,
      all: true,
    });
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
  });
});
