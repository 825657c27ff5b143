import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { CheckReport } from '../../src/model/check-report.js';
import { cli, temporaryFolder } from '../helpers/cli.js';
import { labForTest } from '../helpers/lab.js';
import { expectClearError } from '../helpers/trace.js';

const IPTABLES = (forward: readonly string[]) =>
  [
    '*nat',
    ':PREROUTING ACCEPT [0:0]',
    ':INPUT ACCEPT [0:0]',
    ':OUTPUT ACCEPT [0:0]',
    ':POSTROUTING ACCEPT [0:0]',
    '[0:0] -A POSTROUTING -s 192.168.0.0/24 ! -o br0 -j MASQUERADE',
    'COMMIT',
    '*filter',
    ':INPUT ACCEPT [0:0]',
    ':FORWARD ACCEPT [7:588]',
    ':OUTPUT ACCEPT [0:0]',
    ...forward,
    'COMMIT',
    '',
  ].join('\n');

const ROUTES = JSON.stringify([
  { dst: 'default', gateway: '198.51.100.1', dev: 'eth0' },
  { dst: '192.168.0.0/24', dev: 'br0', scope: 'link' },
]);
const ADDRESSES = JSON.stringify([
  { ifindex: 2, ifname: 'br0', addr_info: [{ family: 'inet', local: '192.168.0.1', prefixlen: 24, scope: 'global' }] },
  {
    ifindex: 3,
    ifname: 'eth0',
    addr_info: [{ family: 'inet', local: '198.51.100.10', prefixlen: 24, scope: 'global' }],
  },
]);

const files = async (contents: Readonly<Record<string, string>>): Promise<(name: string) => string> => {
  const folder = await temporaryFolder();
  for (const [name, text] of Object.entries(contents)) await writeFile(join(folder, name), text);
  return (name) => join(folder, name);
};

const dumps = async (forward: readonly string[], more: Readonly<Record<string, string>> = {}) => {
  const at = await files({ save: IPTABLES(forward), routes: ROUTES, addresses: ADDRESSES, ...more });
  const flags = ['--iptables', at('save'), '--routes', at('routes'), '--addresses', at('addresses')];
  return { at, flags: [...flags, '--iif', 'br0', '--source', '192.168.0.2'] };
};

const reportOf = (stdout: string): CheckReport & { differences?: string[] } => JSON.parse(stdout);

describe('check on files of another host', () => {
  test('an accepted flow with its translation', async () => {
    const { flags } = await dumps([]);
    const { exitCode, stdout } = await cli(['check', '203.0.113.5', ...flags, '--json']);
    const report = reportOf(stdout);
    expect(report.conclusion).toMatchObject({
      verdict: 'accepted',
      leaves: { device: 'eth0', nextHop: '198.51.100.1', source: '198.51.100.10', destination: '203.0.113.5' },
    });
    expect(report.phases.map(({ number }) => number)).toEqual(report.phases.map((_, index) => index + 1));
    expect(report.assumptions.join(' ')).toMatch(/no --nft.*no --sysctls/);
    expect(exitCode).toBe(0);
  });

  test('a drop names phase, rule and counter, and what lies behind it', async () => {
    const { flags } = await dumps([
      '[3:252] -A FORWARD -i br0 -p icmp -j DROP',
      '[0:0] -A FORWARD -i eth0 -d 192.168.0.2/32 -j REJECT --reject-with icmp-host-prohibited',
    ]);
    const { exitCode, stdout } = await cli(['check', '203.0.113.5', ...flags]);
    expect(stdout).toContain('fault: dropped at FORWARD of host: -A FORWARD -i br0 -p icmp -j DROP');
    expect(stdout).toMatch(/iptables-nft filter FORWARD rule 1, 3 packets\s+so far/);
    expect(stdout).toMatch(/behind: {2}\d+ FORWARD of host: -A FORWARD -i eth0 -d 192.168.0.2\/32 -j REJECT/);
    expect(exitCode).toBe(3);
  });

  test('what hangs on an unknown match is said to', async () => {
    const { flags } = await dumps(['[0:0] -A FORWARD -m limit --limit 5/sec -j ACCEPT', '[0:0] -A FORWARD -j DROP']);
    const { exitCode, stdout } = await cli(['check', '203.0.113.5', ...flags]);
    expect(stdout).toMatch(/inconclusive: depends on rule 1 of filter FORWARD.*rate limit/);
    expect(exitCode).toBe(5);
  });

  test('the quiet form is one line', async () => {
    const { flags } = await dumps([]);
    expect((await cli(['check', '203.0.113.5', ...flags, '-q'])).stdout).toMatch(/^ok: accepted[^\n]+\n$/);
  });

  test('a damaged dump is refused with its line and the command that makes it', async () => {
    const { flags } = await dumps([], { save: '*filter\n:FORWARD ACCEPT [0:0]\nrubbish\nCOMMIT\n' });
    const result = await cli(['check', '203.0.113.5', ...flags]);
    expectClearError(result, 2);
    expect(result.stderr).toMatch(/--iptables: iptables-save, line 3/);
    expect(result.stderr).toContain('iptables-save -c');
  });

  test.each([
    [['check', '203.0.113.5', '--iif', 'br0'], /belong to files/],
    [['check', '203.0.113.5', '--iptables', '/nonexistent'], /cannot read/],
    [['check', 'example.org', '--iptables', '/dev/null', '--source', '192.168.0.2'], /is a name|not a regular file/],
    [['check', 'web', '203.0.113.5', '-4', '-6'], /exclude each other/],
    [['check', 'web', '203.0.113.5', '--proto', 'sctp'], /--proto is one of/],
    [['check', '--run', 'zzz'], /no stored run/],
  ])('%j is wrong usage', async (args, message) => {
    const result = await cli(args);
    expectClearError(result, 2);
    expect(result.stderr).toMatch(message);
  });
});

describe('--expect', () => {
  const flow = (expected: string): string =>
    `flows:\n  - name: web gets out\n    destination: 203.0.113.5\n    expect: ${expected}\n`;

  test.each([
    ['{ verdict: accepted, egress: eth0, nat: { source: 198.51.100.10 } }', 0, []],
    ['{ verdict: dropped }', 3, ['verdict is accepted, expected dropped']],
    ['{ egress: wg0 }', 3, ['egress is eth0, expected wg0']],
    ['{ nat: none }', 3, ['source is 198.51.100.10, expected 192.168.0.2']],
  ])('%s', async (expected, code, differences) => {
    const { flags, at } = await dumps([], { 'flows.yaml': flow(expected) });
    const { exitCode, stdout } = await cli(['check', ...flags, '--expect', at('flows.yaml'), '--json']);
    expect(reportOf(stdout).differences).toEqual(differences);
    expect(exitCode).toBe(code);
  });

  test('an expected drop is no fault', async () => {
    const { flags, at } = await dumps(['[0:0] -A FORWARD -i br0 -j DROP'], {
      'flow.json': '{"verdict": "dropped", "stage": "forward"}',
    });
    const { exitCode, stdout } = await cli(['check', '203.0.113.5', ...flags, '--expect', at('flow.json')]);
    expect(stdout).toMatch(/as expected\n$/);
    expect(exitCode).toBe(0);
  });

  test.each([
    ['verdict: [', /./],
    ['flows: []', /./],
    ['flows:\n  - destination: 203.0.113.5\n    expect: { verdict: maybe }\n', /verdict/],
    ['a: &a [*a]', /./],
  ])('%j is refused', async (text, message) => {
    const { flags, at } = await dumps([], { bad: text });
    const result = await cli(['check', '203.0.113.5', ...flags, '--expect', at('bad')]);
    expectClearError(result, 2);
    expect(result.stderr).toMatch(message);
  });
});

describe('check in a lab', () => {
  let program = '';
  beforeAll(() => {
    program = new URL('../../dist/bin.cjs', import.meta.url).pathname;
  });

  test('reads only, agrees with a stored run, and follows a published port', async () => {
    const lab = await labForTest('textbook');
    const check = (...args: string[]) => lab.exec([process.execPath, program, 'check', ...args]);
    const before = await lab.exec('iptables-save; ip route; ip rule; sysctl -a --pattern forward');

    const live = await check('net1', '203.0.113.5', '--json');
    expect(live.exitCode).toBe(0);
    const { conclusion, phases } = reportOf(live.stdout);
    expect(conclusion).toMatchObject({ verdict: 'accepted', leaves: { device: 'eth0', source: '198.51.100.10' } });
    expect(phases.map(({ title }) => title)).toContain('bridge br0');

    await lab.serve('net1', '0.0.0.0', 80);
    const inbound = await check('net1', 'tcp://198.51.100.10:8088', '--inbound', '--json');
    expect(reportOf(inbound.stdout).conclusion).toMatchObject({
      verdict: 'accepted',
      leaves: { device: 'br0', destination: '192.168.0.2', destinationPort: 80 },
    });
    const strip = (text: string) => text.replace(/^#.*$/gm, '').replace(/\[\d+:\d+\]/g, '');
    expect(strip((await lab.exec('iptables-save; ip route; ip rule; sysctl -a --pattern forward')).stdout)).toBe(
      strip(before.stdout),
    );

    await lab.run(['iptables -I FORWARD -i br0 -j DROP']);
    const run = (await lab.trace(['net1', '203.0.113.5'])).run;
    const again = await check('--run', run?.run.id ?? '', '--json');
    expect(again.exitCode).toBe(3);
    expect(reportOf(again.stdout)).toMatchObject({ from: 'run', conclusion: { verdict: 'dropped' } });
    expect(reportOf(again.stdout).conclusion.title).toContain('-A FORWARD -i br0 -j DROP');
  });
});
