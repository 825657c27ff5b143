import type { Fault } from '../../src/lab/fault.js';
import type { Run } from '../../src/model/run.js';
import { runTrial } from './trial.js';

/** Causes that a drop reason of the kernel can be said to name, read as kindly as its words allow. */
const NAMED: Readonly<Record<string, readonly string[]>> = {
  NETFILTER_DROP: ['nf-rule-drop', 'nf-policy-drop', 'nf-rule-reject', 'nf-forward-no-return-rule', 'ctr-firewall'],
  IP_RPFILTER: ['host-rp-filter', 'ctr-return-route'],
  IP_LOCALNET: ['host-route-localnet'],
  IP_INNOROUTES: ['host-no-default-route'],
  IP_OUTNOROUTES: ['host-no-default-route', 'ctr-no-default-route'],
  NEIGH_FAILED: ['uplink-no-neighbour'],
  BRIDGE_INGRESS_STP_STATE: ['br-port-stp'],
  OTHERHOST: ['host-neighbour-wrong', 'uplink-no-neighbour'],
  PKT_TOO_BIG: ['pmtu-blackhole'],
  QDISC_DROP: ['qdisc-drop'],
  XFRM_POLICY: ['host-xfrm'],
  NO_TX_TARGET: ['br-flood-off', 'veth-not-enslaved'],
};

/** Whether the last drop that the kernel reported names the cause by its reason alone. */
export const reasonNames = (fault: Fault, run: Run | null): boolean => {
  const reason = run?.kernelDrops.at(-1)?.reason ?? '';
  return (NAMED[reason] ?? []).some((cause) => fault.expect.cause.includes(cause));
};

/** What a search for "container has no network" says first. */
const ADVICE = [
  'sysctl -qw net.ipv4.ip_forward=1',
  'iptables -P FORWARD ACCEPT',
  'iptables -t nat -A POSTROUTING -s 192.168.0.0/24 ! -o br0 -j MASQUERADE',
];

/** Breaks a fault and follows the commonest advice: whether the flow works then. */
export const adviceMends = async (fault: Fault): Promise<boolean> => {
  const commands = [...fault.break, ...ADVICE.map((command) => `${command} || true`)];
  const { result } = await runTrial({ ...fault, commands }, async () => null);
  return result.run?.diagnosis.status === 'ok';
};
