import { hopOf, originLink } from '../../src/model/path-queries.js';
import { defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { inside } from '../support/commands.js';
import { defaultRoutesBy, gatewayGuess } from '../support/container.js';
import { askedProof, socketErrorProof } from '../support/proofs.js';

export const ctrEth0Down = defineCheck({
  meta: {
    id: 'ctr-eth0-down',
    code: 'V1002',
    title: "the container's interface is up",
    covers: ['ctr-eth0-down', 'ctr-lo-down'],
    requires: ['target.links', 'target.addresses', 'target.routes', 'host.addresses'],
    references: ['man 8 ip-link'],
  },
  page: {
    meaning: "The container's interface is administratively down; its routes went with it.",
    path: 'socket -> route look-up: no route is left, "Network is unreachable".',
    decided:
      'The interface lacks the UP flag inside the container, and the host end of the veth pair shows no carrier.',
    byHand: ['ip -n NETNS -br link', 'ip -n NETNS route', 'ip -br link show type veth'],
    origins: [
      'a script or a DHCP client in the container set it down',
      'CAP_NET_ADMIN in the container and a wrong command',
      'an interrupted ifdown/ifup',
    ],
    fixes: [
      'set it up again and add the default route, which the kernel does not bring back by itself',
      'docker network disconnect and connect: sets up address and route too',
    ],
    prevention: 'Run containers without CAP_NET_ADMIN.',
    lab: 'ctr-eth0-down',
  },
  run(artifacts, context) {
    const hop = hopOf(context.path, 'container');
    const device = artifacts['target.links'].find((link) => link.ifname === hop?.ifname);
    if (!device) return notApplicable('the container has no interface');
    if (device.flags.includes('UP')) return pass(`${device.ifname} is up`);
    const isLoopback = device.flags.includes('LOOPBACK');
    const netns = context.netns('target');
    const link = originLink(context.path);
    const gateway = gatewayGuess(
      artifacts['target.addresses'],
      artifacts['host.addresses'],
      device.ifname,
      context.flow.family,
    );
    const hasDefault = defaultRoutesBy(artifacts['target.routes'], device.ifname).length > 0;
    return fail({
      cause: isLoopback ? 'ctr-lo-down' : 'ctr-eth0-down',
      title: isLoopback ? "the container's loopback lo is down" : `the container's interface ${device.ifname} is down`,
      place: { link: link.id, stage: 'route', way: 'forward', netns: 'target', device: device.ifname },
      loses: [{ link: link.id, way: 'forward' }],
      proof: [
        {
          kind: 'read',
          text: `${device.ifname} lacks the UP flag (state ${device.operstate})`,
          command: inside(netns, ['ip', '-br', 'link', 'show', device.ifname]),
        },
        ...socketErrorProof(context),
        ...askedProof(context, 'route-origin'),
      ],
      remedies: [
        {
          kind: 'runtime',
          title: `set ${device.ifname} up${gateway && !hasDefault ? ' and add the default route again' : ''}`,
          netns: 'target',
          commands: [
            inside(netns, ['ip', 'link', 'set', device.ifname, 'up']),
            ...(gateway && !hasDefault ? [inside(netns, ['ip', 'route', 'add', 'default', 'via', gateway])] : []),
          ],
          undo: [inside(netns, ['ip', 'link', 'set', device.ifname, 'down'])],
          risk: 'low',
          riskText: 'nothing else uses this interface',
        },
      ],
      notes: isLoopback ? [] : ['applications see "Network is unreachable" at once, not a time-out'],
    });
  },
});
