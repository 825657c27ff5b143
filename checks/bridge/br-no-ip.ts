import { originLink, wireLink } from '../../src/model/path-queries.js';
import { defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { globalAddresses } from '../support/container.js';
import { judgeGateway } from '../support/gateway.js';
import { askedProof, unansweredProof } from '../support/proofs.js';
import { misroutedReply } from '../support/return-device.js';

export const brNoIp = defineCheck({
  meta: {
    id: 'br-no-ip',
    code: 'V2102',
    title: 'the bridge has an address',
    covers: ['br-no-ip', 'br-no-ip-c2h'],
    requires: ['target.addresses', 'target.neighbours', 'target.routes', 'host.addresses', 'host.links'],
    references: ['man 8 ip-address'],
  },
  page: {
    meaning: 'The bridge has lost its address, and with it the host lost its route to the containers.',
    path: 'While the containers still know the MAC of their gateway the request passes; the reply finds no route to the container and leaves by the uplink again. Later ARP for the gateway fails, and the request dies in the container.',
    decided:
      "The bridge has no address, nobody has the container's gateway address, and the route back leads away from the bridge.",
    byHand: ['ip -br addr show type bridge', 'ip route get CONTAINER-ADDRESS', 'ip -n NETNS neigh'],
    origins: [
      'NetworkManager, systemd-networkd or dhcpcd flushed it',
      'ip addr flush',
      'a bridge made anew without its address',
    ],
    fixes: [
      'ip addr add GATEWAY/PREFIX dev BRIDGE: at once',
      'systemctl restart docker: rebuilds all of its networks, restarts containers unless live-restore is on',
    ],
    prevention: 'Leave bridges of containers unmanaged in NetworkManager and systemd-networkd.',
    lab: 'br-no-ip',
  },
  run(artifacts, context) {
    const verdict = judgeGateway(artifacts, context);
    if (verdict.kind === 'not-applicable') return notApplicable(verdict.reason);
    if (verdict.kind === 'fine') return pass(verdict.because);
    if (verdict.kind !== 'bridge-without') return notApplicable(verdict.because);
    const { gateway, device } = verdict;
    const origin = originLink(context.path);
    const link = context.path.routers[0]?.link ?? origin.id;
    const [own] = globalAddresses(artifacts['target.addresses'], context.flow.family);
    const address = `${gateway}/${own?.prefixLength ?? 24}`;
    const isTraced = gateway === context.flow.destination;
    const wire = wireLink(context.path);
    const wrong = misroutedReply(context, artifacts['host.links']);
    return fail({
      cause: isTraced ? 'br-no-ip-c2h' : 'br-no-ip',
      title: `bridge ${device} has no address; the container's gateway is ${gateway}`,
      place: { link, stage: 'route', way: isTraced ? 'forward' : 'return', netns: 'host', device },
      loses: [
        { link, way: 'return' },
        { link: origin.id, way: 'forward' },
        ...(wrong?.loses ?? []),
        ...(isTraced && wire ? [{ link: wire.id, way: 'forward' as const }] : []),
      ],
      proof: [
        { kind: 'read', text: verdict.because, command: ['ip', '-br', 'addr', 'show', device] },
        ...verdict.neighbour,
        ...askedProof(context, 'route-return', 'host'),
        ...unansweredProof(context, gateway),
      ],
      remedies: [
        {
          kind: 'runtime',
          title: `give ${device} the address that the containers expect`,
          netns: 'host',
          commands: [['ip', 'addr', 'add', address, 'dev', device]],
          undo: [['ip', 'addr', 'del', address, 'dev', device]],
          risk: 'low',
          riskText: 'all containers of this bridge get their gateway back',
        },
      ],
    });
  },
});
