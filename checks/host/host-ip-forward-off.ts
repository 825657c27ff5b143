import { stepsOf } from '../../src/routing/flow-walk-types.js';
import { defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { inside } from '../support/commands.js';
import { askedProof, countedProof } from '../support/proofs.js';

export const hostIpForwardOff = defineCheck({
  meta: {
    id: 'host-ip-forward-off',
    code: 'V3001',
    title: 'the host forwards packets',
    covers: ['host-ip-forward-off', 'ip6-forwarding-off'],
    inbound: 'also',
    requires: ['host.sysctls'],
    references: ['https://docs.kernel.org/networking/ip-sysctl.html'],
  },
  page: {
    meaning: 'net.ipv4.ip_forward is 0: the host drops every packet that is not for itself.',
    path: 'eth0 -> veth -> bridge -> PREROUTING -> route look-up: forwarding is off for this interface, dropped. FORWARD is never reached.',
    decided:
      'The packet is seen on the bridge and not on the uplink, the sysctl is 0, and IpInAddrErrors rises by one per packet: the kernel counts it as an "address error".',
    byHand: [
      'sysctl net.ipv4.ip_forward',
      'ip route get 203.0.113.5 from 192.168.0.2 iif br0',
      'nstat -az IpInAddrErrors',
    ],
    origins: [
      'a hardening role or a CIS benchmark in /etc/sysctl.d, applied after Docker had turned it on',
      'sysctl --system, a network restart or a package update',
      'a fresh host without a container runtime',
    ],
    fixes: [
      'sysctl -w net.ipv4.ip_forward=1: at once, lost at reboot; makes the host a router on every interface',
      'the same in /etc/sysctl.d: lasting; correct the file that sets it to 0 instead of adding a second one',
      'systemctl restart docker: turns it on, and may set the FORWARD policy to DROP',
    ],
    prevention: 'Exempt container hosts from that item of the hardening role.',
    lab: 'host-ip-forward-off',
  },
  run(artifacts, context) {
    const off = stepsOf(context.walk, 'forwarding').filter((step) => step.outcome === 'drop' && !step.detail.all);
    const [first] = off;
    const key = context.flow.family === 4 ? 'net.ipv4.ip_forward' : 'net.ipv6.conf.all.forwarding';
    if (context.walk.steps.every((step) => step.detail.kind !== 'forwarding'))
      return notApplicable('nothing is forwarded on this path');
    if (!first) return pass(`${key} = ${artifacts['host.sysctls'][key] ?? '?'}`);
    const netns = context.netns(first.netns);
    return fail({
      cause: context.flow.family === 4 ? 'host-ip-forward-off' : 'ip6-forwarding-off',
      title: `host does not forward packets: ${key} = 0`,
      place: {
        link: first.link,
        stage: 'route',
        way: first.way,
        netns: first.netns,
        device: first.detail.device,
        object: key,
      },
      loses: [{ link: first.link, way: first.way }],
      proof: [
        { kind: 'read', text: `${key} = 0`, command: inside(netns, ['sysctl', key]) },
        ...askedProof(context, 'route-forward', first.netns),
        ...countedProof(context, first.netns, context.flow.family === 4 ? 'Ip.InAddrErrors' : 'Ip6.InAddrErrors'),
      ],
      remedies: [
        {
          kind: 'runtime',
          title: 'turn forwarding on now (lost at reboot)',
          netns: first.netns,
          commands: [inside(netns, ['sysctl', '-w', `${key}=1`])],
          undo: [inside(netns, ['sysctl', '-w', `${key}=0`])],
          risk: 'medium',
          riskText: 'the host becomes a router on every interface; what may pass is then up to the FORWARD rules',
        },
      ],
      notes: [
        'the container gets no ICMP error here, so applications only see time-outs',
        ...(context.flow.family === 4
          ? ['the kernel also changes net.ipv4.conf.*.accept_redirects and send_redirects with this key']
          : []),
      ],
    });
  },
});
