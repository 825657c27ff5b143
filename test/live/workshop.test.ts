import { readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { cli, temporaryFolder } from '../helpers/cli.js';

const folder = fileURLToPath(new URL('../../src/workshop/scenarios', import.meta.url));
const ids = readdirSync(folder).map((name) => name.replace(/\.yaml$/, ''));

test('there are at least 20 scenarios', () => {
  expect(ids.length).toBeGreaterThanOrEqual(20);
});

test.each(ids)('%s is as its file says, from beginning to end', { timeout: 180_000 }, async (id) => {
  const env = { XDG_STATE_HOME: await temporaryFolder() };
  onTestFinished(async () => {
    await cli(['lab', 'down', '--all'], { env });
  });
  const { exitCode, stdout } = await cli(['lab', 'test', id, '--json'], { env, timeoutMs: 170_000 });
  const { stages } = JSON.parse(stdout);
  const wrong = stages.filter(({ problems }: { problems: readonly string[] }) => problems.length > 0);
  expect(wrong).toEqual([]);
  expect(exitCode).toBe(0);
});

test('a learner who is root has no rights on the network outside of the lab', { timeout: 60_000 }, async () => {
  const env = { XDG_STATE_HOME: await temporaryFolder() };
  onTestFinished(async () => {
    await cli(['lab', 'down', '--all'], { env });
  });
  await cli(['lab', 'start', 'forward-off', '--name', 'own', '--no-shell'], { env });
  const inside = (...argv: readonly string[]) => cli(['lab', 'exec', '--name', 'own', '--', ...argv], { env });
  expect(await inside('ip', 'link', 'add', 'mine', 'type', 'bridge')).toMatchObject({ exitCode: 0 });
  const out = await inside(
    'nsenter',
    '--target',
    String(process.pid),
    '--net',
    'ip',
    'link',
    'add',
    'mine',
    'type',
    'bridge',
  );
  expect(out.stderr).toMatch(/Permission denied|Operation not permitted/);
  expect(out.exitCode).not.toBe(0);
  expect((await cli(['lab', 'check', '--name', 'own'], { env })).exitCode).toBe(3);
});

test('what is not as the file says is named, part by part', { timeout: 60_000 }, async () => {
  const own = await temporaryFolder();
  const text = readFileSync(join(folder, 'no-masquerade.yaml'), 'utf8')
    .replace('link: [uplink, outside]', 'link: [bridge, uplink]')
    .replace('ping: 192.168.0.1, expect: answered', 'ping: 192.168.0.77, expect: answered');
  const wrong = text
    .replace('192.168.0.77', '192.168.0.1')
    .replace('command: iptables -t nat -S POSTROUTING', 'command: "true"')
    .replace(/printsNot: MASQUERADE/g, 'prints: MASQUERADE')
    .replace(/- run: iptables -t nat -A .*/, '- run: iptables -t nat -A POSTROUTING -j MASQUERADE')
    .replace('[masquerade-all, table-flushed]', '[masquerade-all, rules-deleted]');
  await writeFile(join(own, 'a.yaml'), text.replace('id: no-masquerade', 'id: no-symptom'));
  await writeFile(join(own, 'b.yaml'), wrong.replace('id: no-masquerade', 'id: wrong-parts'));
  const { exitCode, stdout } = await cli(['lab', 'test', '--scenarios', own], { timeoutMs: 60_000 });
  expect(exitCode).toBe(3);
  const lines = stdout.split('\n').filter((line) => line.startsWith('  wrong '));
  expect(lines.map((line) => line.slice('  wrong '.length))).toEqual([
    'symptom: ping 192.168.0.77 from net1: wanted answered, is lost',
    'trace: the trace says uplink - outside, not bridge - uplink',
    'commands: true: it shows nothing',
    'hints: hints[1] never fits',
    'hints: hints[2] never fits',
    expect.stringMatching(/^solution does no damage: masquerade-all: a rule masquerades everything/),
    'collateral: rules-deleted: there is nothing in this network to damage',
  ]);
});
