import { stepsOf } from '../../src/routing/flow-walk-types.js';
import { defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { deviceKey } from '../support/commands.js';
import { linksUpTo } from '../support/links-up-to.js';
import { listCommand, ruleName, ruleTitle } from '../support/proofs.js';

export const hostRouteLocalnet = defineCheck({
  meta: {
    id: 'host-route-localnet',
    code: 'V3010',
    title: 'no packet that comes in is translated to a loopback address',
    covers: ['host-route-localnet'],
    requires: ['host.sysctls'],
    references: ['https://docs.kernel.org/networking/ip-sysctl.html (route_localnet)'],
  },
  page: {
    meaning:
      'A DNAT rule sends packets that come in by a device to 127.0.0.0/8, which the kernel takes only with route_localnet.',
    path: 'bridge -> PREROUTING: DNAT to 127.0.0.1 -> route look-up: a martian destination, dropped.',
    decided:
      'The walk meets the DNAT rule and then a loopback destination, and route_localnet of that device and of "all" is 0.',
    byHand: ['iptables -t nat -nvxL PREROUTING', 'sysctl net.ipv4.conf.BRIDGE.route_localnet'],
    origins: [
      'a service that listens on 127.0.0.1 alone, published by a DNAT rule',
      'a hardening script that reset the sysctl',
    ],
    fixes: [
      'let the service listen on the address of the bridge, and send the rule there: the clean way',
      'sysctl -w net.ipv4.conf.BRIDGE.route_localnet=1: at once; opens loopback services to that network',
    ],
    prevention: 'Publish services by the address of the bridge.',
    lab: 'host-route-localnet',
  },
  run(_artifacts, context) {
    const address = stepsOf(context.walk, 'address').find(
      ({ netns, detail }) => netns === 'host' && detail.problem === 'a loopback destination',
    );
    if (!address || address.device === null) return notApplicable('no packet for a loopback address comes in');
    const rule = stepsOf(context.walk, 'hook')
      .filter(({ link, way }) => link === address.link && way === address.way)
      .flatMap(({ detail }) => detail.walk.translations)
      .find(({ kind }) => kind === 'dnat')?.rule;
    if (!rule) return pass('no rule sends it there');
    const key = deviceKey(address.device, 'route_localnet');
    return fail({
      cause: 'host-route-localnet',
      title: `${ruleTitle(rule)} sends packets from ${address.device} to ${address.detail.address}`,
      place: {
        link: address.link,
        stage: 'route',
        way: address.way,
        netns: 'host',
        device: address.device,
        object: key,
      },
      loses: linksUpTo(context, address.link, address.way),
      proof: [
        { kind: 'read', text: `${ruleName(rule)}: ${rule.text}`, command: listCommand(rule) },
        { kind: 'read', text: `${key} = 0`, command: ['sysctl', key] },
      ],
      remedies: [
        {
          kind: 'runtime',
          title: `let ${address.device} take packets for loopback addresses`,
          netns: 'host',
          commands: [['sysctl', '-w', `${key}=1`]],
          undo: [['sysctl', '-w', `${key}=0`]],
          risk: 'medium',
          riskText: `what listens on 127.0.0.1 can then be reached from the network of ${address.device}`,
        },
      ],
    });
  },
});
