import { deliveryLink } from '../../src/model/path-queries.js';
import type { ListeningSocket } from '../../src/model/state.js';
import { firstPacket } from '../../src/routing/probe-packet.js';
import { isLoopback, serviceFor } from '../../src/routing/service.js';
import { type CheckContext, defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { inside } from '../support/commands.js';

export const appLocalhostMeansContainer = defineCheck({
  meta: {
    id: 'app-localhost-means-container',
    code: 'V1020',
    title: "the container's localhost is not taken for that of the host",
    covers: ['app-localhost-means-container'],
    requires: ['target.routes'],
    references: ['man 7 network_namespaces', 'https://docs.docker.com/engine/network/drivers/host/'],
  },
  page: {
    meaning: 'The program asks localhost, which is the container itself, for a service that runs on the host.',
    path: "socket -> lo of the container -> no program has the port: refused. The host's lo is another one.",
    decided:
      'Every connection to a loopback address is refused, no socket of the container has the port, and one of the host has it.',
    byHand: ['ip netns exec NAME ss -ltn', 'ss -ltn'],
    origins: [
      'a configuration that was made outside of a container: localhost:5432',
      'a name in /etc/hosts of the container that leads to 127.0.0.1',
    ],
    fixes: [
      "the name of the service's container, or the address of the bridge, in the program's configuration",
      'docker run --add-host host.docker.internal:host-gateway',
    ],
    prevention: 'Addresses of services in the environment of the container, never localhost.',
    lab: 'app-localhost-means-container',
  },
  run(artifacts, context) {
    const { flow, probe, target } = context;
    const link = deliveryLink(context.path);
    if (!isLoopback(flow.destination) || !link) return notApplicable('the destination is no loopback address');
    if (flow.dns) return notApplicable('which server is asked stands in resolv.conf');
    const [inContainer, onHost] = [context.sockets('target'), context.sockets('host')];
    if (!inContainer || !onHost) return notApplicable('what listens could not be read');
    const own = serviceFor(inContainer, firstPacket(flow, 0));
    const ofHost = onHost.filter(({ protocol, port }) => protocol === flow.protocol && port === flow.port);
    const refused = probe?.answers.length && probe.answers.every(({ outcome }) => outcome === 'refused');
    if (!own || !refused || own.listens !== 'no') return pass('a program of the container answers');
    if (ofHost.length === 0) return pass(`no program of the host has ${flow.protocol} port ${flow.port} either`);
    const gateway = artifacts['target.routes'].find(({ destination }) => destination === '0.0.0.0/0')?.nexthops[0]
      ?.gateway;
    return fail({
      cause: 'app-localhost-means-container',
      title: `port ${flow.port} is open on the host, and localhost is ${target.name} itself`,
      place: { link: link.id, stage: 'socket', way: 'forward', netns: 'target' },
      loses: [{ link: link.id, way: 'forward' }],
      proof: [
        {
          kind: 'read',
          text: `no socket of ${target.name} has ${flow.protocol} port ${flow.port}`,
          command: inside(context.netns('target'), ['ss', '-Hlntu']),
        },
        {
          kind: 'read',
          text: `a program of the host has it, on ${ofHost.map(({ address }) => address).join(', ')}`,
          command: ['ss', '-Hlntup', 'sport', '=', `:${flow.port}`],
        },
      ],
      remedies: [
        {
          kind: 'instruction',
          title: adviceFor(context, ofHost, gateway ?? null),
          netns: 'target',
          commands: [],
          undo: [],
          risk: 'low',
          riskText: 'the network is as it should be: nothing of it is to be changed',
        },
      ],
    });
  },
});

/** What the program in the container has to be told, and whether the one on the host can be reached so. */
const adviceFor = (context: CheckContext, ofHost: readonly ListeningSocket[], gateway: string | null): string => {
  const { port } = context.flow;
  const bridge = gateway !== null && context.owners(gateway).some(({ netns }) => netns.id === 'host') ? gateway : null;
  const ask = bridge === null ? 'tell the program an address of the host' : `tell the program ${bridge}:${port}`;
  const isReached = ofHost.some(({ address }) => !isLoopback(address));
  return `${ask} in place of localhost${isReached ? '' : `; on the host, let the service listen there too: it has ${ofHost[0]?.address} alone`}`;
};
