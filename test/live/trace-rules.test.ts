import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Run } from '../../src/model/run.js';
import { openLab, PROGRAM, type TestLab } from '../helpers/lab.js';
import { runOf } from '../helpers/trace.js';

const DESTINATION = '203.0.113.5';
/** Every first of one packet, which no dump of rules tells beforehand. */
const SOMETIMES = 'FORWARD -p icmp -m statistic --mode nth --every 1 --packet 0 -j DROP';

describe('--trace-rules', () => {
  let lab: TestLab;
  const trace = async (...args: readonly string[]): Promise<Run> =>
    runOf(await lab.trace(['net1', DESTINATION, ...args]));
  const tables = async (): Promise<string> => (await lab.exec('nft list tables')).stdout;

  beforeAll(async () => {
    lab = await openLab('textbook');
  });
  afterAll(() => lab.close());

  test('is announced and counted as a change, of each namespace, and leaves nothing', async () => {
    const before = await tables();
    const plan = await lab.exec([...PROGRAM, 'trace', 'net1', DESTINATION, '--trace-rules', '--dry-run']);
    expect(plan.stdout.match(/A CHANGE in [^,]+, which ends with the run: .*flags owner/g)).toHaveLength(2);
    expect(await tables()).toBe(before);
    const run = await trace('--trace-rules');
    expect(run.diagnosis.status).toBe('ok');
    expect(run.run.changesMade).toBe(2);
    expect(await tables()).toBe(before);
    expect((await trace()).run.changesMade).toBe(0);
  });

  test('the rules that an answered probe met, both ways, with their numbers', async () => {
    await lab.run(['iptables -A FORWARD -j ACCEPT']);
    const { evidence } = await trace('--trace-rules');
    await lab.run(['iptables -F FORWARD']);
    const met = evidence?.ruleTrace ?? [];
    expect(met.find(({ chain }) => chain === 'POSTROUTING')).toMatchObject({
      netns: 'host',
      way: 'forward',
      family: 'ip',
      table: 'nat',
      index: 1,
      text: 'oifname != "br0" ip saddr 192.168.0.0/24 counter masquerade',
      verdict: 'accept',
    });
    expect(new Set(met.map(({ way }) => way))).toEqual(new Set(['forward', 'return']));
    expect(JSON.stringify([evidence?.before, evidence?.after])).not.toContain('vethoscope_trace');
    expect(evidence?.changes).toEqual([]);
  });

  test('where several rules match, the one that the kernel saw dropping is blamed', async () => {
    await lab.run([`iptables -A ${SOMETIMES}`, 'iptables -A FORWARD -p icmp -j DROP']);
    const { diagnosis, findings } = await trace('--trace-rules');
    await lab.run(['iptables -F FORWARD']);
    expect(diagnosis).toMatchObject({ status: 'fault', confidence: 'certain' });
    expect(findings[0]).toMatchObject({ object: 'table ip filter chain FORWARD rule 1' });
    expect(findings[0]?.evidence.map(({ text }) => text).join('\n')).toMatch(
      /nft trace: rule 1 \(handle \d+\) of ip filter FORWARD drops the request: meta l4proto icmp numgen/,
    );
  });

  test('native nftables, the reply, TCP', async () => {
    await lab.run([
      'nft add table inet guard',
      'nft add chain inet guard forward "{ type filter hook forward priority 5; }"',
      'nft add rule inet guard forward iifname eth0 tcp sport 80 drop',
    ]);
    await lab.serve('outside', DESTINATION, 80);
    const run = runOf(await lab.trace(['net1', `tcp://${DESTINATION}:80`, '--trace-rules']));
    await lab.run(['nft delete table inet guard']);
    expect(run.diagnosis).toMatchObject({ status: 'fault', direction: 'return' });
    expect(run.findings[0]?.evidence.map(({ text }) => text)).toContainEqual(
      expect.stringMatching(
        /^nft trace: rule 1 \(handle \d+\) of inet guard forward drops the reply: iifname "eth0" tcp sport 80 drop$/,
      ),
    );
  });

  test('says that it does not see the rules of iptables-legacy where some are loaded, and blames those all the same', async () => {
    const line = 'nft trace does not see iptables-legacy, which has 1 rule here (filter)';
    expect((await trace('--trace-rules')).limits.map(({ why }) => why)).not.toContain(line);
    await lab.run(['iptables-legacy -A FORWARD -p icmp -j DROP']);
    const run = await trace('--trace-rules');
    const text = await lab.exec([...PROGRAM, 'trace', 'net1', DESTINATION, '--trace-rules', '--no-save']);
    await lab.run(['iptables-legacy -F FORWARD']);
    expect(run.limits).toContainEqual({ what: 'trace of the rules in host', why: line, install: null });
    expect(text.stdout.replace(/\s+/g, ' ')).toContain(`trace of the rules in host: ${line}`);
    expect(run.diagnosis).toMatchObject({ status: 'fault', direction: 'forward' });
    expect(run.findings[0]).toMatchObject({ object: 'table ip filter chain FORWARD rule 1' });
  });

  test('is gone with the process, also when that is killed', async () => {
    await lab.run(['sysctl -qw net.ipv4.ip_forward=0']);
    const child = lab.start([...PROGRAM, 'trace', 'net1', `tcp://${DESTINATION}:81`, '--trace-rules', '--no-save']);
    const deadline = performance.now() + 5000;
    while (!(await tables()).includes('vethoscope_trace_') && performance.now() < deadline) await sleep(20);
    expect(await tables()).toContain('vethoscope_trace_');
    child.kill('SIGKILL');
    await child.ended;
    while ((await tables()).includes('vethoscope_trace_') && performance.now() < deadline) await sleep(20);
    expect(await tables()).not.toContain('vethoscope_trace_');
    const inContainer = await lab.exec('nft list tables', { netns: 'net1' });
    expect(inContainer.stdout).not.toContain('vethoscope_trace_');
    await lab.run(['sysctl -qw net.ipv4.ip_forward=1']);
  });
});
