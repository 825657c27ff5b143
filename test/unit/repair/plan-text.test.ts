import { expect, test } from 'vitest';
import type { RepairPlan } from '../../../src/model/repair.js';
import { renderByHand, renderPlan, renderScript } from '../../../src/report/plan-text.js';

const plan: RepairPlan = {
  run: '3f9c',
  hostname: 'prod-7\u001b[2J',
  target: 'net1',
  destination: '203.0.113.5',
  netns: [{ id: 'target', name: 'net1', path: '/run/netns/net1', inode: 7 }],
  steps: [
    {
      n: 1,
      cause: 'host-ip-forward-off',
      title: 'turn forwarding on now (lost at reboot)',
      netns: 'host',
      argv: ['sysctl', '-w', 'net.ipv4.ip_forward=1'],
      inner: ['sysctl', '-w', 'net.ipv4.ip_forward=1'],
      sign: '~',
      subject: 'sysctl net.ipv4.ip_forward',
      before: '0',
      after: '1',
      effects: ['net.ipv4.conf.all.accept_redirects  1 -> 0'],
      risk: 'medium',
      riskText: 'the host becomes a router on every interface; what may pass is then up to the FORWARD rules',
      scope: ['sysctl'],
      tag: null,
    },
  ],
  byHand: [{ cause: 'nic-no-carrier', title: 'eth0 has no carrier', remedies: [] }],
  warnings: ['do not use "iptables -P FORWARD ACCEPT": it works, but opens the host as a router'],
  notTaken: [
    {
      title: 'let Docker rebuild its rules',
      because: 'it cannot be taken back',
      commands: [['systemctl', 'restart', 'docker']],
    },
  ],
};

test('the plan says what, why, at what risk and how back, in 80 columns, and lets nothing of others through raw', () => {
  const text = renderPlan(plan, { color: false, ascii: true, width: 80 });
  for (const line of text.split('\n')) expect(line.length, line).toBeLessThanOrEqual(80);
  expect(text).toContain('prod-7\\x1b[2J');
  expect(text).not.toContain('\u001b');
  expect(text).toContain('  ~ sysctl net.ipv4.ip_forward  0 -> 1\n');
  expect(text).toContain('side effect   net.ipv4.conf.all.accept_redirects  1 -> 0 (kernel)');
  expect(text).toContain('risk          medium.');
  expect(text).toContain('vethoscope undo 3f9c');
  expect(text).toContain('do not use "iptables -P FORWARD ACCEPT"');
  expect(text).toContain(
    'not taken: let Docker rebuild its rules: it cannot be taken back\n      systemctl restart docker\n',
  );
  expect(text).toContain('by hand: nic-no-carrier: eth0 has no carrier');
});

test('the script holds the commands and nothing of a name outside of comments', () => {
  expect(renderScript(plan).split('\n')).toEqual([
    '#!/bin/sh',
    '# net1 to 203.0.113.5 on prod-7\\x1b[2J, from run 3f9c',
    'set -e',
    '# host-ip-forward-off: turn forwarding on now (lost at reboot)',
    'sysctl -w net.ipv4.ip_forward=1',
    '',
  ]);
  expect(renderByHand(plan, { width: 80 })).toContain('nic-no-carrier');
});
