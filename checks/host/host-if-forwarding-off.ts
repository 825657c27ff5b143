import { stepsOf } from '../../src/routing/flow-walk-types.js';
import { defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { deviceKey, inside } from '../support/commands.js';
import { askedProof, countedProof } from '../support/proofs.js';

export const hostIfForwardingOff = defineCheck({
  meta: {
    id: 'host-if-forwarding-off',
    code: 'V3002',
    title: 'forwarding is on for the interfaces that packets come in by',
    covers: ['host-if-forwarding-off', 'host-if-forwarding-off-bridge'],
    inbound: 'also',
    requires: ['host.sysctls'],
    references: ['https://docs.kernel.org/networking/ip-sysctl.html'],
  },
  page: {
    meaning: 'net.ipv4.ip_forward is 1, but forwarding is off for the one interface that the packet comes in by.',
    path: 'bridge -> PREROUTING -> route look-up: conf.<ingress>.forwarding is 0, dropped. The egress interface does not matter.',
    decided:
      'The flag of the ingress interface alone decides. ip_forward only writes it through to all interfaces at the moment it is set. On the uplink it kills only the replies.',
    byHand: [
      'sysctl net.ipv4.ip_forward net.ipv4.conf.br0.forwarding net.ipv4.conf.eth0.forwarding',
      'nstat -az IpInAddrErrors',
    ],
    origins: [
      'systemd-networkd with IPForward=no in a .network file',
      'a sysctl.d file with conf.<name>.forwarding = 0',
      'an interface made while conf.default.forwarding was 0',
    ],
    fixes: [
      'sysctl -w net.ipv4.conf.IFACE.forwarding=1: at once, this interface alone',
      'IPForward=yes (or IPv4Forwarding=yes) in its .network file: lasting',
    ],
    prevention: 'Leave bridges of containers unmanaged in systemd-networkd.',
    lab: 'host-if-forwarding-off-bridge',
  },
  run(_artifacts, context) {
    const steps = stepsOf(context.walk, 'forwarding');
    if (steps.length === 0) return notApplicable('nothing is forwarded on this path');
    const off = steps.filter((step) => step.outcome === 'drop' && step.detail.all);
    const findings = off.map((step) => {
      const netns = context.netns(step.netns);
      const { device } = step.detail;
      const key = `net.ipv4.conf.${device}.forwarding`;
      const onBridge =
        step.way === 'forward' && context.path.hops.some((hop) => hop.ifname === device && hop.role === 'bridge');
      return {
        cause: onBridge ? 'host-if-forwarding-off-bridge' : 'host-if-forwarding-off',
        title: `${device} does not forward: ${key} = 0`,
        place: { link: step.link, stage: 'route' as const, way: step.way, netns: step.netns, device, object: key },
        loses: [{ link: step.link, way: step.way }] as const,
        proof: [
          {
            kind: 'read',
            text: `${key} = 0, net.ipv4.ip_forward = 1`,
            command: inside(netns, ['sysctl', key, 'net.ipv4.ip_forward']),
          },
          ...askedProof(context, step.way === 'forward' ? 'route-forward' : 'route-return', step.netns),
          ...countedProof(context, step.netns, 'Ip.InAddrErrors'),
        ] as const,
        remedies: [
          {
            kind: 'runtime' as const,
            title: `turn forwarding on for ${device} (lost at reboot)`,
            netns: step.netns,
            commands: [inside(netns, ['sysctl', '-w', `${deviceKey(device, 'forwarding')}=1`])],
            undo: [inside(netns, ['sysctl', '-w', `${deviceKey(device, 'forwarding')}=0`])],
            risk: 'low' as const,
            riskText: `packets that come in by ${device} may then be forwarded`,
          },
        ],
        notes: ['the container gets no ICMP error here, so applications only see time-outs'],
      };
    });
    const [first, ...more] = findings;
    if (first) return fail(first, ...more);
    const on = [...new Set(steps.filter((step) => step.detail.on).map((step) => step.detail.device))];
    return on.length === 0
      ? notApplicable('forwarding is off altogether')
      : pass(`${on.join(' and ')} forward${on.length === 1 ? 's' : ''}`);
  },
});
