import { describe, expect, test } from 'vitest';
import type { Run } from '../../../src/model/run.js';
import { redactRun } from '../../../src/report/redact/redact-run.js';
import { hostileRun } from '../../helpers/hostile-run.js';
import { expectTrueAndRedacted } from '../../helpers/redaction.js';
import { storedRun, storedRunNames } from '../../helpers/stored-runs.js';

test.each(storedRunNames)('%s: redacted it says the same, and has no original value', (name) => {
  expectTrueAndRedacted(storedRun(name));
});

const withComment = (comment: string): Run => {
  const run = storedRun('host-ip-forward-off');
  const text = `*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -s 10.9.8.7/32 -m comment --comment "${comment}" -j ACCEPT\nCOMMIT\n`;
  const host = run.evidence?.before['host'];
  if (!run.evidence || !host) throw new Error('no host state');
  const changed = { ...host, iptablesLegacy: { ok: true as const, value: text, command: [], ms: 0 } };
  return { ...run, evidence: { ...run.evidence, before: { ...run.evidence.before, host: changed } } };
};

const legacyOf = (run: Run): string => {
  const artifact = run.evidence?.before['host']?.iptablesLegacy;
  return artifact?.ok ? artifact.value : '';
};

describe('what stands in a rule comment', () => {
  test.each([
    ['token=s3cr3tvalue99', 's3cr3tvalue99'],
    ['https://bob:hunter22@repo.corp.internal/x', 'hunter22'],
    ['Authorization: Bearer abcdef123456', 'abcdef123456'],
    ['key ghp_abcdefghijklmnopqrstuvwxyz0123456789', 'ghp_abcdefghijklmnopqrstuvwxyz0123456789'],
    ['for alice@corp.example.com', 'alice'],
    ['see api.corp.example.com', 'api.corp.example.com'],
    ['from /home/alice/rules/fw.sh', 'alice'],
    ['host prod-7 only', 'prod-7'],
    ['for prod-7.', 'prod-7'],
    ['mac 3A:AB:FA:CA:0C:93', '3A:AB:FA:CA:0C:93'],
    ['v6 x:2001:db8:7::99,', '2001:db8:7::99'],
    ['ports 10.9.8.7:8080:80', '10.9.8.7'],
    ['word 0x0a090807 in a filter', '0a090807'],
  ])('%s', (comment, secret) => {
    const text = legacyOf(redactRun(withComment(comment)).run);
    expect(text).toContain('--comment "');
    expect(text).not.toContain(secret);
    expect(text).not.toContain('10.9.8.7');
  });

  test.each([
    'lo 127.0.0.1 ::1 fe80::1 224.0.0.1 255.255.255.255',
    'version 1.2.3 at 12:34:56',
    'sysctl net.ipv4.conf.all.rp_filter docker.service',
  ])('stays: %s', (comment) => {
    expect(legacyOf(redactRun(withComment(comment)).run)).toContain(comment);
  });
});

test('subnets, hosts in them and private blocks keep their structure', () => {
  const { pairs } = redactRun(storedRun('healthy'));
  const alias = new Map(pairs);
  const network = (address: string | undefined) => address?.split('.').slice(0, 3).join('.');
  expect(network(alias.get('192.168.0.1'))).toBe(network(alias.get('192.168.0.2')));
  expect(alias.get('192.168.0.2')).toMatch(/^192\.168\.\d+\.2$/);
  expect(alias.get('198.51.100.10')).toMatch(/^198\.1[89]\.\d+\.10$/);
  expect(alias.get('203.0.113.5')).toMatch(/^198\.1[89]\./);
  expect(network(alias.get('198.51.100.1'))).not.toBe(network(alias.get('203.0.113.5')));
});

test('the same map gives the same aliases to another run of the host', () => {
  const first = redactRun(storedRun('nf-missing-masquerade'));
  const second = redactRun(storedRun('healthy'), { map: first.map });
  const before = new Map(first.pairs);
  const shared = second.pairs.filter(([original]) => before.has(original));
  expect(shared.map(([original]) => original)).toEqual(
    expect.arrayContaining(['192.168.0.2', '203.0.113.5', 'prod-7']),
  );
  for (const [original, alias] of shared) expect(alias).toBe(before.get(original));
});

test('a dump that cannot be taken apart is left out and named', () => {
  const run = withComment('x');
  const host = run.evidence?.before['host'];
  if (!run.evidence || !host) throw new Error('no host state');
  const broken = {
    ...host,
    iptablesLegacy: { ok: true as const, value: 'Segmentation fault 10.9.8.7', command: [], ms: 0 },
  };
  const { run: redacted } = redactRun({
    ...run,
    evidence: { ...run.evidence, before: { ...run.evidence.before, host: broken } },
  });
  expect(redacted.evidence?.before['host']?.iptablesLegacy.ok).toBe(false);
  expect(redacted.limits.map(({ what }) => what)).toContain('iptablesLegacy of host (before the probe)');
  expect(JSON.stringify(redacted)).not.toContain('10.9.8.7');
});

test('a whole block of which a rule speaks still holds what it held', () => {
  const run = withComment('x');
  const host = run.evidence?.before['host'];
  if (!run.evidence || !host) throw new Error('no host state');
  const text =
    '*filter\n:FORWARD ACCEPT [0:0]\n-A FORWARD -s 10.0.0.0/8 -j DROP\n-A FORWARD -s 172.16.0.0/12 -j DROP\n-A FORWARD -s 172.17.0.2/32 -d 10.1.2.3/32 -j DROP\nCOMMIT\n';
  const changed = { ...host, iptablesLegacy: { ok: true as const, value: text, command: [], ms: 0 } };
  const lines = legacyOf(
    redactRun({ ...run, evidence: { ...run.evidence, before: { ...run.evidence.before, host: changed } } }).run,
  ).split('\n');
  expect(lines[2]).toBe('-A FORWARD -s 10.0.0.0/8 -j DROP');
  expect(lines[3]).toBe('-A FORWARD -s 172.16.0.0/12 -j DROP');
  expect(lines[4]).toMatch(/^-A FORWARD -s 172\.(1[6-9]|2\d|3[01])\.0\.2\/32 -d 10\.\d+\.\d+\.3\/32 -j DROP$/);
  expect(lines[4]).not.toContain('172.17.0.2');
});

test('the counts name kinds and never values', () => {
  const { run } = redactRun(storedRun('healthy'));
  expect(run.redactions).toMatchObject({ 'host names': 1, 'namespace names': 1 });
  expect(Object.values(run.redactions ?? {}).every((count) => Number.isInteger(count) && count > 0)).toBe(true);
  expect(run.run.redacted).toBe(true);
});

test('hostile texts take no more than a moment and stay texts', { timeout: 20_000 }, () => {
  const started = performance.now();
  const { run } = redactRun(hostileRun(storedRun('nf-missing-masquerade')));
  expect(performance.now() - started).toBeLessThan(10_000);
  expect(run.path.hops).toHaveLength(6);
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
});
