import { originLink } from '../../src/model/path-queries.js';
import { stepsOf } from '../../src/routing/flow-walk-types.js';
import { defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { inside } from '../support/commands.js';
import { globalAddresses, inSubnetOf } from '../support/container.js';
import { unansweredProof } from '../support/proofs.js';
import { isUnresolved } from '../support/unresolved.js';

export const ctrWrongAddress = defineCheck({
  meta: {
    id: 'ctr-wrong-address',
    code: 'V1010',
    title: "the container's prefix is that of its network",
    covers: ['ctr-wrong-address', 'ctr-wrong-mask-wide'],
    requires: ['target.addresses', 'host.addresses'],
    references: ['man 8 ip-address'],
  },
  page: {
    meaning:
      "The container's address has a wider prefix than its network: it takes a remote destination for a neighbour.",
    path: 'socket -> route look-up in the container: on-link, no gateway -> ARP for the destination itself, which nobody answers.',
    decided:
      "The container's route to the destination has no gateway because of the prefix of its own address, the host's address on the same network has a narrower one that does not hold the destination, and nobody answers ARP for it.",
    byHand: ['ip -n NETNS addr', 'ip -n NETNS route get DESTINATION', 'ip -br addr show BRIDGE'],
    origins: ['a wrong mask in the IPAM or the static configuration', 'a network that was made smaller'],
    fixes: ['the right prefix on the address: at once', 'the subnet in the IPAM of the CNI or of Docker: lasting'],
    prevention: 'Take address and prefix from one place.',
    lab: 'ctr-wrong-mask-wide',
  },
  run(artifacts, context) {
    const step = stepsOf(context.walk, 'route').find(({ netns, way }) => netns === 'target' && way === 'forward');
    const { destination, family, source } = context.flow;
    const answer = step?.detail.answer;
    if (answer?.outcome !== 'unicast' || answer.gateway !== null || answer.dev === null || source === null)
      return notApplicable('the container sends to a gateway');
    const own = globalAddresses(artifacts['target.addresses'], family).find(
      (address) => address.ifname === answer.dev && address.local === source,
    );
    const hosts = globalAddresses(artifacts['host.addresses'], family);
    const network = own && inSubnetOf(own.local, hosts);
    if (!own || !network) return notApplicable("the host has no address on the container's network");
    if (network.prefixLength <= own.prefixLength || inSubnetOf(destination, [network]))
      return pass(`${destination} is on the network of ${network.ifname}`);
    const entry = context.neighbour('target', answer.dev, destination);
    if (!isUnresolved(entry)) return pass(`${destination} answers on the network of the container`);
    const netns = context.netns('target');
    const origin = originLink(context.path);
    const address = (length: number) => `${own.local}/${length}`;
    const change = (verb: string, length: number) =>
      inside(netns, ['ip', 'addr', verb, address(length), 'dev', own.ifname]);
    return fail({
      cause: 'ctr-wrong-mask-wide',
      title: `${address(own.prefixLength)} in the container, but its network is a /${network.prefixLength}`,
      place: {
        link: origin.id,
        stage: 'neighbour',
        way: 'forward',
        netns: 'target',
        device: own.ifname,
        object: `address ${address(own.prefixLength)}`,
      },
      loses: [{ link: origin.id, way: 'forward' }],
      proof: [
        {
          kind: 'read',
          text: `${own.ifname} of the container: ${address(own.prefixLength)}; ${network.ifname}: ${network.local}/${network.prefixLength}`,
          command: inside(netns, ['ip', '-br', 'addr', 'show', own.ifname]),
        },
        {
          kind: 'read',
          text: `neighbour ${destination} in the container: ${entry?.states.join(' ')}`,
          command: inside(netns, ['ip', 'neigh', 'show', destination]),
        },
        ...unansweredProof(context, destination),
      ],
      remedies: [
        {
          kind: 'runtime',
          title: `give the address the prefix /${network.prefixLength}`,
          netns: 'target',
          commands: [change('add', network.prefixLength), change('del', own.prefixLength)],
          undo: [change('add', own.prefixLength), change('del', network.prefixLength)],
          risk: 'low',
          riskText: 'only this container is changed',
        },
      ],
    });
  },
});
