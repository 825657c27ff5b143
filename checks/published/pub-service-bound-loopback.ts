import type { Finding } from '../../src/model/finding.js';
import { type CheckContext, defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { inside } from '../support/commands.js';
import { countedProof, listCommand, ruleName } from '../support/proofs.js';
import {
  isCertain,
  natChain,
  openWords,
  type Published,
  placeOfService,
  publishedOf,
  publisherOf,
  socketProofs,
} from '../support/published.js';
import { loopbackPort, loopbackRule } from '../support/published-elsewhere.js';

export const pubServiceBoundLoopback = defineCheck({
  meta: {
    id: 'pub-service-bound-loopback',
    code: 'V1902',
    title: 'the service listens on an address that the packets arrive at',
    covers: ['pub-service-bound-loopback', 'pub-bound-host-loopback'],
    inbound: 'only',
    requires: ['target.sockets'],
    references: ['man 7 ip (INADDR_LOOPBACK)', 'https://docs.docker.com/engine/network/port-publishing/'],
  },
  page: {
    meaning:
      'The service listens on 127.0.0.1 of its container alone, or the port is published on 127.0.0.1 of the host alone.',
    path: 'uplink -> DNAT -> bridge -> eth0 of the container: the address is not 127.0.0.1, so that socket is not meant: reset.',
    decided:
      "The packets arrive on the container's device, and its list of sockets has the port on another address only. Or the only rule for the port asks for -d 127.0.0.1.",
    byHand: ['nsenter -t PID -n ss -ltn', 'docker port CONTAINER', 'iptables -t nat -nvxL DOCKER'],
    origins: ['the default of many development servers: localhost', 'docker run -p 127.0.0.1:8080:80, on purpose'],
    fixes: [
      'let the program listen on 0.0.0.0 (or ::): --host 0.0.0.0, BIND_ADDRESS, listen = *',
      'publish on 0.0.0.0',
    ],
    prevention: 'In a container "localhost" is the container: bind services to all addresses there.',
    lab: 'pub-service-bound-loopback',
  },
  run(_artifacts, context) {
    const published = publishedOf(context);
    if (!published) return notApplicable('no published port is asked for');
    if (!published.dnat) {
      if (!isCertain(published)) return notApplicable('what the rules do with the port is not certain');
      const finding = onHost(context, published);
      return finding ? fail(finding) : notApplicable('no packet arrives in the container');
    }
    const step = published.service;
    if (!step) return notApplicable('no packet arrives at a port of the container');
    const { answer } = step.detail;
    if (answer.listens !== 'elsewhere') return pass(`port ${answer.port}: no socket is on another address alone`);
    return fail({
      cause: 'pub-service-bound-loopback',
      title: `${context.target.name} listens on ${answer.on.join(', ')} port ${answer.port} alone, not on ${answer.address}`,
      place: placeOfService(step),
      loses: [{ link: step.link, way: 'forward' }],
      proof: socketProofs(
        context,
        published,
        answer,
        `in ${context.target.name} ${openWords(answer)}; packets come to ${answer.address}`,
      ),
      remedies: [
        instruction(
          `let the program in ${context.target.name} listen on 0.0.0.0 instead of ${answer.on.join(', ')}, and start it anew`,
        ),
      ],
    });
  },
});

const instruction = (title: string): Finding['remedies'][number] => ({
  kind: 'instruction',
  title,
  netns: 'target',
  commands: [],
  undo: [],
  risk: 'low',
  riskText: 'the network is as it should be: nothing of it is to be changed',
});

const onHost = (context: CheckContext, published: Published): Finding | null => {
  const rule = loopbackRule(context, published);
  const said = loopbackPort(context, published);
  if (rule === null && said === null) return null;
  const origin = publisherOf(context);
  return {
    cause: 'pub-bound-host-loopback',
    title: `port ${published.port} is published on 127.0.0.1 of the host alone`,
    place: {
      link: published.link,
      stage: published.hook,
      way: 'forward',
      netns: 'host',
      object: natChain(context, published),
    },
    loses: [{ link: published.link, way: 'forward' }],
    proof: [
      rule
        ? {
            kind: 'read',
            text: `${ruleName(rule)}: ${rule.text}`,
            command: inside(context.netns('host'), listCommand(rule)),
          }
        : {
            kind: 'read',
            text: `${context.target.kind} publishes ${said ?? ''}`,
            command: [context.target.kind, 'port', context.target.name],
          },
      ...countedProof(context, 'host', 'Tcp.OutRsts'),
    ],
    remedies: [
      {
        ...instruction(
          `start the container anew with -p ${published.port}:PORT, without 127.0.0.1, if others are to reach it`,
        ),
        netns: 'host',
        riskText: 'it is then open to everybody who reaches this host',
      },
    ],
    ...(origin ? { origin } : {}),
    notes: ['this is often on purpose: a proxy on the host is then the way in'],
  };
};
