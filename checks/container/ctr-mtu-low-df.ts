import type { Finding } from '../../src/model/finding.js';
import { hopOf, originLink } from '../../src/model/path-queries.js';
import { type CheckContext, defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { inside } from '../support/commands.js';
import { mtuRemedy } from '../support/mtu.js';
import { socketErrorProof } from '../support/proofs.js';

export const ctrMtuLowDf = defineCheck({
  meta: {
    id: 'ctr-mtu-low-df',
    code: 'V1510',
    title: 'the container may send packets of this size',
    covers: ['ctr-mtu-low-df', 'ctr-pmtu-cache-poisoned'],
    requires: ['target.links', 'host.links'],
    references: ['RFC 1191', 'man 7 ip (IP_MTU_DISCOVER)', 'man 8 ip-route (mtu)'],
  },
  page: {
    meaning: 'The container itself refuses to send a packet of this size, since it must not be fragmented.',
    path: 'socket -> route look-up -> the MTU of the device, of the route, or of the remembered path -> EMSGSIZE.',
    decided:
      'sendto(2) fails with "message too long" before any packet was seen; the MTU of the device is read, and what is smaller still is remembered of the path.',
    byHand: ['ip link show dev eth0', 'ip route get DESTINATION', 'ping -M do -s SIZE DESTINATION'],
    origins: [
      'an MTU set for a tunnel that is gone',
      'a path MTU that was learnt while the path was smaller; it is forgotten after ten minutes',
      'an application that sends larger datagrams than the network carries',
    ],
    fixes: [
      'ip link set dev eth0 mtu N: where the network carries more than the device says',
      'ip route flush cache in the container: forgets what it learnt of the path',
      'smaller datagrams: where the network really is that small',
    ],
    prevention: "Let the runtime set the container's MTU from the uplink's.",
    lab: 'ctr-mtu-low-df',
  },
  run(artifacts, context) {
    const { sent, tooBig } = context;
    if (!sent.df) return notApplicable('the packets may be fragmented');
    if (tooBig === null || tooBig.from !== null) return pass('the container sends them');
    const device = hopOf(context.path, 'container')?.ifname ?? null;
    const link = artifacts['target.links'].find(({ ifname }) => ifname === device);
    if (!link || device === null) return notApplicable("the container's device was not read");
    return fail(
      link.mtu < sent.bytes
        ? smallDevice(context, device, link.mtu, bridgeMtu(artifacts['host.links'], context))
        : smallPath(context, device),
    );
  },
});

const bridgeMtu = (
  links: readonly { readonly ifname: string; readonly mtu: number }[],
  context: CheckContext,
): number => {
  const ends = ['veth-host', 'bridge'].map((role) => context.path.hops.find((hop) => hop.role === role));
  return Math.min(
    ...ends.map((hop) => (hop?.netns === 'host' && links.find(({ ifname }) => ifname === hop.ifname)?.mtu) || 0),
  );
};

const placeOf = (context: CheckContext, device: string) => {
  const link = originLink(context.path).id;
  return {
    place: { link, stage: 'route', way: 'forward', netns: 'target', device },
    loses: [{ link, way: 'forward' }],
  } as const;
};

const smallDevice = (context: CheckContext, device: string, mtu: number, around: number): Finding => ({
  cause: 'ctr-mtu-low-df',
  title: `the container's ${device} takes ${mtu} bytes, the packets have ${context.sent.bytes}`,
  ...placeOf(context, device),
  proof: [
    {
      kind: 'read',
      text: `${device}: mtu ${mtu}`,
      command: inside(context.netns('target'), ['ip', 'link', 'show', 'dev', device]),
    },
    ...socketErrorProof(context),
  ],
  remedies:
    around >= context.sent.bytes
      ? [mtuRemedy(context, 'target', device, { from: mtu, to: around })]
      : [
          {
            kind: 'instruction',
            title: `send packets of ${mtu} bytes at most: the devices around take no more`,
            netns: 'target',
            commands: [],
            undo: [],
            risk: 'low',
            riskText: 'nothing is changed here',
          },
        ],
});

const smallPath = (context: CheckContext, device: string): Finding => ({
  cause: 'ctr-pmtu-cache-poisoned',
  title: `the container holds a path MTU of ${context.tooBig?.mtu ?? 'fewer'} bytes for ${context.flow.destination}`,
  ...placeOf(context, device),
  proof: [
    {
      kind: 'asked',
      text: `sending ${context.sent.bytes} bytes from the container: ${context.probe?.localError ?? 'message too long'}`,
      command: inside(context.netns('target'), ['ip', 'route', 'get', context.flow.destination]),
    },
  ],
  remedies: [
    {
      kind: 'runtime',
      title: 'forget what was learnt of paths: the next large packet learns it anew',
      netns: 'target',
      commands: [
        inside(context.netns('target'), [
          'ip',
          ...(context.flow.family === 6 ? ['-6'] : []),
          'route',
          'flush',
          'cache',
        ]),
      ],
      undo: [],
      risk: 'low',
      riskText: 'if the path is still that small, its first large packets are lost or turned away until that is learnt',
    },
  ],
});
