import { defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { inside } from '../support/commands.js';
import {
  dnatRemedy,
  isCertain,
  listNat,
  meantPort,
  natChain,
  onlyOpenPort,
  onlyOpenProof,
  publishedOf,
  publishedProof,
  remakeRemedies,
} from '../support/published.js';
import { isHostService } from '../support/published-elsewhere.js';

export const pubHostServiceShadows = defineCheck({
  meta: {
    id: 'pub-host-service-shadows',
    code: 'V3901',
    title: 'no program of the host has the published port',
    covers: ['pub-host-service-shadows'],
    inbound: 'only',
    requires: ['host.sockets'],
    references: ['man 8 ss', 'https://docs.docker.com/engine/network/port-publishing/'],
  },
  page: {
    meaning:
      'A program of the host listens on the published port, and no rule leads it to the container: the wrong one answers.',
    path: 'uplink -> PREROUTING: no DNAT -> route: local -> INPUT -> the socket of the other program.',
    decided:
      "No DNAT matches, the list of the host's sockets has the port, that program is not docker-proxy, and the container sees no packet.",
    byHand: ['ss -ltnp', 'iptables -t nat -nvxL PREROUTING', 'curl -v http://HOST:PORT/'],
    origins: [
      'a second web server on the host',
      'the rule of the container was flushed, and another program took the port',
    ],
    fixes: [
      'stop the other program, or give it another port',
      'docker restart CONTAINER afterwards, so that its rule comes back',
    ],
    prevention: 'One owner for each port of the host.',
    lab: 'pub-host-service-shadows',
  },
  run(artifacts, context) {
    const published = publishedOf(context);
    if (!published) return notApplicable('no published port is asked for');
    if (published.dnat) return pass('a rule leads the port on before any program of the host sees it');
    if (published.settledBy) return pass('conntrack knows the flow, and leads it on by no rule of now');
    if (!isCertain(published)) return notApplicable('what the rules do with the port is not certain');
    if (!isHostService(context, published, artifacts['host.sockets']))
      return pass(`no program of the host takes ${published.place}`);
    const told = meantPort(published);
    const single = told === null ? onlyOpenPort(context) : null;
    const port = told ?? single;
    return fail({
      cause: 'pub-host-service-shadows',
      title: `a program of the host answers on ${published.place}, not ${context.target.name}`,
      place: {
        link: published.link,
        stage: published.hook,
        way: 'forward',
        netns: 'host',
        object: natChain(context, published),
      },
      loses: [{ link: published.link, way: 'forward' }],
      proof: [
        {
          kind: 'read',
          text: `a socket of the host listens on port ${published.port}, and no docker-proxy does`,
          command: inside(context.netns('host'), ['ss', '-ltnp', `sport = :${published.port}`]),
        },
        {
          kind: 'read',
          text: `no rule leads port ${published.port} to ${context.target.name}`,
          command: listNat(context, published),
        },
        ...publishedProof(context, published),
        ...(single === null ? [] : [onlyOpenProof(context, single)]),
      ],
      remedies: [
        ...(port === null || published.inbound.container === null
          ? []
          : [
              {
                ...dnatRemedy(context, published, port),
                risk: 'medium' as const,
                riskText: 'who uses the program of the host loses it on this address and port',
              },
            ]),
        {
          kind: 'instruction',
          title: `stop that program or give it another port (ss -ltnp names it); then publish the port anew`,
          netns: 'host',
          commands: [],
          undo: [],
          risk: 'low',
          riskText: 'who uses the other program loses it on this port',
        },
        ...remakeRemedies(context),
      ],
      notes: ['it looks as if it works, with wrong content'],
    });
  },
});
