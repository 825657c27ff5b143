import { expect, test } from 'vitest';
import type { RepairStep } from '../../../src/model/repair.js';
import { sshWarning } from '../../../src/repair/ssh-session.js';

const session = { client: '192.0.2.99', port: 22, device: 'eth0' };

const step = (inner: string, more: Partial<RepairStep> = {}): RepairStep => ({
  n: 1,
  cause: 'x',
  title: 'x',
  netns: 'host',
  argv: inner.split(' '),
  inner: inner.split(' '),
  sign: '~',
  subject: 'x',
  before: null,
  after: null,
  effects: [],
  risk: 'low',
  riskText: '',
  scope: [],
  tag: null,
  ...more,
});

test.each([
  'ip link set dev eth0 up',
  'ip addr add 192.0.2.1/24 dev eth0',
  'ip route replace default via 192.0.2.1',
  'ip -4 rule add from 10.0.0.0/8 lookup 5',
  'iptables-nft -w 5 -t filter -I INPUT -j ACCEPT',
  'nft insert rule inet filter input tcp dport 1 accept',
  'iptables-nft -w 5 -t nat -A PREROUTING -p tcp -m tcp --dport 22 -j DNAT --to-destination 10.0.0.2:22',
])('%s may cut the session off', (inner) => {
  expect(sshWarning([step(inner)], session)).toContain('your ssh session from 192.0.2.99');
  expect(sshWarning([step(inner, { netns: 'target' })], session)).toBeNull();
  expect(sshWarning([step(inner)], null)).toBeNull();
});

test.each([
  'sysctl -w net.ipv4.ip_forward=1',
  'ip link set dev br0 up',
  'iptables-nft -w 5 -t filter -I FORWARD -i br0 -j ACCEPT',
  'iptables-nft -w 5 -t nat -A OUTPUT -p tcp -m tcp --dport 8088 -j DNAT --to-destination 10.0.0.2:80',
  'nft insert rule inet filter forward iifname "br0" accept',
])('%s does not', (inner) => {
  expect(sshWarning([step(inner)], session)).toBeNull();
});
