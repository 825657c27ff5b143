import { type StepOf, stepsOf } from '../../src/routing/flow-walk-types.js';
import { type CheckContext, defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { deviceKey } from '../support/commands.js';
import { listCommand, ruleCountedProof, ruleName } from '../support/proofs.js';
import { publishedOf } from '../support/published.js';

export const pubLocalhost = defineCheck({
  meta: {
    id: 'pub-localhost',
    code: 'V3902',
    title: 'the host may send to the container from a loopback address',
    covers: ['pub-localhost', 'pub-localhost-no-route-localnet'],
    inbound: 'only',
    requires: ['host.sysctls'],
    references: [
      'https://docs.kernel.org/networking/ip-sysctl.html (route_localnet)',
      'man 8 iptables-extensions (DNAT)',
    ],
  },
  page: {
    meaning:
      'A rule leads a published port of 127.0.0.1 to the container, and the kernel sends no packet with a loopback source by another device than lo.',
    path: "the host's socket -> OUTPUT: DNAT to the container -> route look-up anew: source 127.0.0.1, device of the bridge -> without route_localnet it fails, and the packet is dropped there.",
    decided:
      'The walk meets the DNAT rule in OUTPUT, its counter moves, route_localnet of the bridge and of "all" is 0, and the bridge sees no packet. No rule drops it.',
    byHand: [
      'sysctl net.ipv4.conf.all.route_localnet net.ipv4.conf.BRIDGE.route_localnet',
      'iptables -t nat -nvxL OUTPUT',
      'curl http://HOST-ADDRESS:PORT, which works',
    ],
    origins: [
      'userland-proxy: false, with the setting put back by a hardening role or sysctl --system',
      'a DNAT rule for 127.0.0.1 by hand',
    ],
    fixes: [
      'sysctl -w net.ipv4.conf.BRIDGE.route_localnet=1: at once; Docker sets it when it starts',
      'use an address of the host other than 127.0.0.1',
      'docker-proxy (userland-proxy: true), which needs no such rule',
    ],
    prevention: 'A file of your own in /etc/sysctl.d that comes last.',
    lab: 'pub-localhost-no-route-localnet',
  },
  run(artifacts, context) {
    const published = publishedOf(context);
    if (published?.hook !== 'output') return notApplicable('the host itself does not connect');
    const refused = stepsOf(context.walk, 'address').find(isLoopbackSource(context));
    if (!refused || refused.device === null) return pass('its source may leave by the device of the container');
    const rule = published.dnat?.translation.rule;
    if (!rule) return notApplicable('no rule leads the port on');
    const { device } = refused;
    const key = deviceKey(device, 'route_localnet');
    const settings = artifacts['host.sysctls'];
    const all = settings['net.ipv4.conf.all.route_localnet'] ?? '0';
    return fail({
      cause: 'pub-localhost-no-route-localnet',
      title: `the host sends nothing from ${refused.detail.address} by ${device} (route_localnet = 0)`,
      place: { link: published.link, stage: 'output', way: 'forward', netns: 'host', device, object: key },
      loses: [{ link: published.link, way: 'forward' }],
      proof: [
        {
          kind: 'read',
          text: `route_localnet: all = ${all}, ${device} = ${settings[`net.ipv4.conf.${device}.route_localnet`] ?? '0'}; one of them has to be 1`,
          command: ['sysctl', 'net.ipv4.conf.all.route_localnet', key],
        },
        {
          kind: 'read',
          text: `${ruleName(rule)} leads it to ${published.inbound.container ?? 'the container'}: ${rule.text}`,
          command: listCommand(rule),
        },
        ...ruleCountedProof(context, 'host', rule),
      ],
      remedies: [
        {
          kind: 'runtime',
          title: `let ${device} carry loopback addresses (lost at reboot)`,
          netns: 'host',
          commands: [['sysctl', '-w', `${key}=1`]],
          undo: [['sysctl', '-w', `${key}=0`]],
          risk: 'medium',
          riskText: `what listens on 127.0.0.1 can then be reached from the network of ${device}, unless rules keep it out`,
        },
      ],
      notes: ["an address of the host other than 127.0.0.1 works: its packets' source may leave by any device"],
    });
  },
});

const isLoopbackSource =
  ({ path }: CheckContext) =>
  ({ netns, way, link, detail }: StepOf<'address'>): boolean =>
    netns === 'host' && way === 'forward' && link === path.routers[0]?.link && detail.problem === 'a loopback source';
