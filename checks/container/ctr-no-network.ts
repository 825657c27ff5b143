import { originLink } from '../../src/model/path-queries.js';
import { defineCheck, fail, pass } from '../define-check.js';
import { inside } from '../support/commands.js';
import { askedProof, socketErrorProof } from '../support/proofs.js';

export const ctrNoNetwork = defineCheck({
  meta: {
    id: 'ctr-no-network',
    code: 'V1001',
    title: 'the container has a network interface',
    covers: ['ctr-no-network', 'ctr-internal-net-none', 'veth-deleted'],
    requires: ['target.links'],
    references: ['man 4 veth', 'man 7 network_namespaces'],
  },
  page: {
    meaning: 'The container has no interface but the loopback, so no packet can leave it.',
    path: 'socket -> route look-up: no device, no route, "Network is unreachable". No packet is ever built.',
    decided:
      'The list of interfaces in the container holds only lo, and its kernel answers every route question with an error.',
    byHand: ['ip -n NETNS -br link', 'ip -n NETNS route get 203.0.113.5', 'ip -br link show type veth'],
    origins: [
      'started with --network none',
      'the host end of the veth pair was deleted, which deletes both ends (a network restart, a udev rule)',
      'the CNI plugin failed half-way',
      'the interface was moved into another namespace',
    ],
    fixes: [
      'docker network connect NET CONTAINER: gives it an interface at once',
      'docker restart CONTAINER: makes the veth pair anew, but stops the service',
      'by hand: ip link add veth1_p type veth peer name eth0 netns NETNS, then the bridge, address and route',
    ],
    prevention: 'Tell NetworkManager and systemd-networkd to leave veth* and bridges of containers unmanaged.',
    lab: 'veth-deleted',
  },
  run(artifacts, context) {
    const others = artifacts['target.links'].filter((link) => !link.flags.includes('LOOPBACK'));
    if (others.length > 0) return pass(`the container has ${others.map((link) => link.ifname).join(', ')}`);
    const netns = context.netns('target');
    const link = originLink(context.path);
    return fail({
      cause: 'ctr-no-network',
      title: 'the container has no network interface but lo',
      place: { link: link.id, stage: 'route', way: 'forward', netns: 'target' },
      loses: [{ link: link.id, way: 'forward' }],
      proof: [
        {
          kind: 'read',
          text: 'the only interface in the container is lo',
          command: inside(netns, ['ip', '-br', 'link']),
        },
        ...socketErrorProof(context),
        ...askedProof(context, 'route-origin'),
      ],
      remedies: [
        context.target.kind === 'docker'
          ? {
              kind: 'runtime',
              title: 'take the container out of the network none, where it cannot have another, and into one',
              netns: 'host',
              commands: [
                ['docker', 'network', 'disconnect', 'none', context.target.name],
                ['docker', 'network', 'connect', 'bridge', context.target.name],
              ],
              undo: [
                ['docker', 'network', 'disconnect', 'bridge', context.target.name],
                ['docker', 'network', 'connect', 'none', context.target.name],
              ],
              risk: 'low',
              riskText: 'the container gets an address on the default bridge network',
            }
          : {
              kind: 'instruction',
              title:
                'give the container an interface: a veth pair, an address, a default route; or restart it through its runtime',
              netns: 'host',
              commands: [],
              undo: [],
              risk: 'low',
              riskText: 'restarting the container stops its service for a moment',
            },
      ],
      notes: ['applications see "Network is unreachable" at once, not a time-out'],
    });
  },
});
