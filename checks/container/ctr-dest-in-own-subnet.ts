import { originLink } from '../../src/model/path-queries.js';
import { stepsOf } from '../../src/routing/flow-walk-types.js';
import { defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { inside } from '../support/commands.js';
import { globalAddresses, inSubnetOf } from '../support/container.js';
import { askedProof, controlProof, unansweredProof } from '../support/proofs.js';
import { isUnresolved } from '../support/unresolved.js';

export const ctrDestInOwnSubnet = defineCheck({
  meta: {
    id: 'ctr-dest-in-own-subnet',
    code: 'V1026',
    title: "the container's network does not cover a destination that is elsewhere",
    covers: ['ctr-dest-in-own-subnet'],
    requires: ['target.addresses', 'host.addresses'],
    references: ['man 8 ip-route', 'https://docs.docker.com/reference/cli/docker/network/create/'],
  },
  page: {
    meaning:
      'The network of the container has the same addresses as the network in which the destination lies. The container takes the destination for a neighbour and asks for it on its bridge, where nobody has it; the host reaches it.',
    path: 'socket -> route look-up in the container: on-link, no gateway -> ARP for the destination itself, which nobody answers.',
    decided:
      "The container's route to the destination is that of its own network, the host has the same network on the bridge, nobody answers ARP there, the host's route to the destination leads to another device, and the destination answers the host's own probe. A neighbour that is only dead answers nobody.",
    byHand: [
      'ip -n NETNS route get DESTINATION: dev eth0, without via',
      'ip -n NETNS neigh show DESTINATION: FAILED',
      'ip route get DESTINATION: another device than the bridge',
      'ping DESTINATION from the host',
    ],
    origins: [
      "Docker's default networks (172.17.0.0/16 to 172.31.0.0/16, 192.168.0.0/16) in a company that has the same",
      'a VPN that came later',
    ],
    fixes: [
      'ip -n NETNS route add DESTINATION via BRIDGE-ADDRESS: at once, lost with the container',
      'another subnet for the network: docker network create --subnet, default-address-pools in daemon.json: lasting, the containers are made anew',
    ],
    prevention: "Keep the networks of containers out of the company's address plan.",
    lab: null,
  },
  run(artifacts, context) {
    const routes = stepsOf(context.walk, 'route').filter(({ way }) => way === 'forward');
    const own = routes.find(({ netns }) => netns === 'target')?.detail.answer;
    const { destination, family, source } = context.flow;
    if (own?.outcome !== 'unicast' || own.gateway !== null || own.dev === null || source === null)
      return notApplicable('the container sends to a gateway');
    const network = inSubnetOf(source, globalAddresses(artifacts['host.addresses'], family));
    const address = globalAddresses(artifacts['target.addresses'], family).find(({ local }) => local === source);
    if (!network || !address || !inSubnetOf(destination, [network]) || !inSubnetOf(destination, [address]))
      return notApplicable('the destination is in no network that the container shares with the host');
    const hosts = routes.find(({ netns }) => netns === 'host')?.detail.answer;
    if (hosts?.outcome !== 'unicast' || hosts.dev === null || hosts.dev === network.ifname)
      return notApplicable(`the host has ${destination} on the network of the container too`);
    const entry = context.neighbour('target', own.dev, destination);
    if (!isUnresolved(entry)) return pass(`${destination} answers on the network of the container`);
    const control = controlProof(context);
    if (control.length === 0) return notApplicable(`${destination} does not answer the host either`);
    const netns = context.netns('target');
    const { id: link } = originLink(context.path);
    const route = (verb: string) =>
      inside(netns, ['ip', 'route', verb, destination, 'via', network.local, 'dev', own.dev ?? '']);
    return fail({
      cause: 'ctr-dest-in-own-subnet',
      title: `the container's own network covers ${destination}, which the host reaches by ${hosts.dev}`,
      place: {
        link,
        stage: 'neighbour',
        way: 'forward',
        netns: 'target',
        device: own.dev,
        ...(own.route ? { object: own.route.text } : {}),
      },
      loses: [{ link, way: 'forward' }],
      proof: [
        {
          kind: 'read',
          text: `neighbour ${destination} in the container: ${entry?.states.join(' ')}`,
          command: inside(netns, ['ip', 'neigh', 'show', destination]),
        },
        {
          kind: 'read',
          text: `the host's route leads to ${hosts.dev}: ${hosts.route?.text ?? ''}`,
          command: ['ip', 'route', 'get', destination],
        },
        ...unansweredProof(context, destination),
        ...askedProof(context, 'route-forward', 'host'),
        ...control,
      ],
      remedies: [
        {
          kind: 'runtime',
          title: `send what is for ${destination} to the host (lost with the container)`,
          netns: 'target',
          commands: [route('add')],
          undo: [route('del')],
          risk: 'low',
          riskText: 'only this container is changed',
        },
        {
          kind: 'instruction',
          title: `move the container's network to a range that nobody else has: docker network create --subnet`,
          netns: 'host',
          commands: [],
          undo: [],
          risk: 'high',
          riskText: 'every container of the network is made anew',
        },
      ],
    });
  },
});
