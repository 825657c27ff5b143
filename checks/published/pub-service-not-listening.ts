import { defineCheck, fail, notApplicable, pass } from '../define-check.js';
import {
  leadsToContainer,
  meantPort,
  openWords,
  placeOfService,
  publishedOf,
  socketProofs,
} from '../support/published.js';
import { refusedFlow } from '../support/refused.js';

export const pubServiceNotListening = defineCheck({
  meta: {
    id: 'pub-service-not-listening',
    code: 'V1901',
    title: 'a program listens where the packets arrive',
    covers: [
      'pub-service-not-listening',
      'pub-service-not-running',
      'pub-service-bound-loopback',
      'dns-host-resolver-down',
    ],
    inbound: 'also',
    requires: [],
    references: ['man 8 ss', 'RFC 9293 §3.5.2'],
  },
  page: {
    meaning:
      'The packets arrive in the container, on the host, or outside, and no program has the port open there: they are refused.',
    path: 'uplink -> DNAT -> FORWARD -> bridge -> eth0 of the container -> INPUT -> no socket: reset, or port unreachable for UDP.',
    decided:
      "The captures see the request on the container's device, the container's list of sockets has no such port, and OutRsts (NoPorts) of the container rises. A probe of the container is refused where it arrives on this host, as the sockets there say, or outside, where the refusal is seen to come in by the uplink.",
    byHand: ['nsenter -t PID -n ss -ltnup', 'docker logs CONTAINER', 'docker top CONTAINER'],
    origins: ['the program has crashed, or still starts', 'it was told another port', 'it runs in another container'],
    fixes: ['start the program, or look why it ended: docker logs', 'publish the port that it really has'],
    prevention: 'A health check in the image, so that the runtime says so by itself.',
    lab: 'pub-service-not-running',
  },
  run(_artifacts, context) {
    if (!context.inbound) return refusedFlow(context);
    const published = publishedOf(context);
    const step = published?.service;
    if (!published || !step) return notApplicable('no packet arrives at a port of the container');
    const { answer } = step.detail;
    if (answer.listens !== 'no') return pass(`port ${answer.port} of the container is open`);
    const isOtherPort = leadsToContainer(published) && published.packet?.destinationPort === answer.port;
    if (isOtherPort && answer.otherPorts.length > 0 && meantPort(published) !== answer.port)
      return notApplicable('the rule leads to another port than those that are open');
    return fail({
      cause: 'pub-service-not-running',
      title: `nothing listens on port ${answer.port} of ${context.target.name}`,
      place: placeOfService(step),
      loses: [{ link: step.link, way: 'forward' }],
      proof: socketProofs(
        context,
        published,
        answer,
        `no socket of ${context.target.name} has ${answer.protocol} port ${answer.port}; ${openWords(answer)}`,
      ),
      remedies: [
        {
          kind: 'instruction',
          title: `start the program in ${context.target.name}, or look why it ended: ${context.target.kind === 'podman' ? 'podman' : 'docker'} logs ${context.target.name}`,
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
