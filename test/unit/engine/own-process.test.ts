import { describe, expect, test } from 'vitest';
import { diagnose } from '../../../src/engine/diagnose.js';
import type { ProcessContext } from '../../../src/model/process-context.js';
import { recorded } from '../../helpers/evidence.js';

const bare: ProcessContext = { pid: 4242, rawSockets: 'no', groups: [0] };

const withPings = (range: string, id: string) => {
  const evidence = recorded(id);
  const { target } = evidence.before;
  if (!target?.sysctls.ok) throw new Error('no sysctls');
  const value = { ...target.sysctls.value, 'net.ipv4.ping_group_range': range };
  const sysctls = { ...target.sysctls, value };
  return { ...evidence, process: bare, before: { ...evidence.before, target: { ...target, sysctls } } };
};

describe('what keeps the process of the target from the network', () => {
  test('is the fault where the network works', () => {
    const { status, cause, title } = diagnose(withPings('1\t0', 'textbook'));
    expect({ status, cause }).toEqual({ status: 'fault', cause: 'ctr-no-cap-net-raw' });
    expect(title).toContain('may not ping');
  });

  test('comes behind what is wrong with the network', () => {
    const { cause, findings } = diagnose(withPings('1\t0', 'host-ip-forward-off'));
    expect(cause).toBe('host-ip-forward-off');
    expect(findings.filter(({ rank }) => rank === 'behind').map((finding) => finding.cause)).toEqual([
      'ctr-no-cap-net-raw',
    ]);
  });

  test('is nothing where its groups may ping', () => {
    expect(diagnose(withPings('0\t2147483647', 'textbook'))).toMatchObject({ status: 'ok', findings: [] });
  });
});

test('that the network works says nothing of a program whose environment may not be read: a proxy may be meant', () => {
  const evidence = recorded('app-proxy-env-loopback');
  if (!evidence.process) throw new Error('no process');
  const { proxies: _, isExempt: __, ...process } = evidence.process;
  expect(diagnose({ ...evidence, process })).toMatchObject({ status: 'inconclusive', cause: null });
  const flow = { ...evidence.flow, destinationText: '203.0.113.5:80' };
  expect(diagnose({ ...evidence, process, flow })).toMatchObject({ status: 'ok' });
});

describe('a connection under way', () => {
  test('that its other end resets is answered: it was taken once', () => {
    const evidence = recorded('nf-ct-idle-timeout');
    if (evidence.probe === null) throw new Error('no probe');
    const answers = evidence.probe.answers.map((answer) => ({ ...answer, outcome: 'refused' as const }));
    const probe = { ...evidence.probe, answers, answered: answers.length };
    expect(diagnose({ ...evidence, probe })).toMatchObject({ status: 'ok', cause: null });
  });
});
