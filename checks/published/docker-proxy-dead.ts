import { defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { deadProxyOf } from '../support/docker-proxy.js';
import { countedProof, listCommand, ruleName } from '../support/proofs.js';
import { natChain, publishedOf, publishedProof, publisherOf, remakeRemedies } from '../support/published.js';

export const dockerProxyDead = defineCheck({
  meta: {
    id: 'docker-proxy-dead',
    code: 'V5904',
    title: 'docker-proxy runs for a port that it alone serves',
    covers: ['docker-proxy-dead'],
    inbound: 'only',
    requires: ['host.sockets'],
    references: ['https://docs.docker.com/engine/network/packet-filtering-firewalls/'],
  },
  page: {
    meaning:
      'The host asks a published port at a loopback address. The rules of Docker leave that to docker-proxy, and this program is gone: the port is refused on loopback, and works from everywhere else.',
    path: "the host's socket -> OUTPUT: 127.0.0.0/8 is left out -> INPUT -> no socket: reset.",
    decided:
      'Docker publishes the place, its rule of OUTPUT leaves loopback out, its DNAT rule for the port is there, no docker-proxy has the place on its command line, and no socket of the host takes it.',
    byHand: ['docker port CONTAINER', 'pgrep -a docker-proxy', 'ss -Hlntp sport = :PORT', 'iptables -t nat -S OUTPUT'],
    origins: ['the OOM killer', 'a clean-up script that ended what it did not know', 'a crash of docker-proxy'],
    fixes: [
      'docker restart CONTAINER: Docker starts the program anew; its connections end',
      'use an address of the host other than 127.0.0.1: its packets meet the DNAT rule',
      'userland-proxy: false in daemon.json: rules then serve loopback too; a restart of Docker',
    ],
    prevention: 'Let scripts end processes by their unit or PID, not by what they look like.',
    lab: null,
  },
  run(artifacts, context) {
    const published = publishedOf(context);
    if (published?.hook !== 'output') return notApplicable('the host itself does not connect');
    if (published.inbound.proxy)
      return pass(`docker-proxy (PID ${published.inbound.proxy.pid}) has ${published.place}`);
    const dead = deadProxyOf(context, published, artifacts['host.sockets']);
    if (!dead) return notApplicable('the port is not left to docker-proxy');
    const { link, place, inbound } = published;
    const origin = publisherOf(context);
    const own = context.target.name;
    return fail({
      cause: 'docker-proxy-dead',
      title: `no docker-proxy runs for ${place}, and no rule leads it to ${own}`,
      place: { link, stage: 'output', way: 'forward', netns: 'host', object: natChain(context, published) },
      loses: [{ link, way: 'forward' }],
      proof: [
        {
          kind: 'read',
          text: `no docker-proxy has ${place}, and no socket of the host takes it`,
          command: ['pgrep', '-a', 'docker-proxy'],
        },
        ...publishedProof(context, published),
        {
          kind: 'read',
          text: `${ruleName(dead.leftOut)} leaves it to docker-proxy: ${dead.leftOut.text}`,
          command: listCommand(dead.leftOut),
        },
        { kind: 'read', text: `from elsewhere it works by a rule: ${dead.dnat.text}`, command: listCommand(dead.dnat) },
        ...countedProof(context, 'host', context.flow.protocol === 'udp' ? 'Udp.NoPorts' : 'Tcp.OutRsts'),
      ],
      remedies: remakeRemedies(context),
      ...(origin ? { origin } : {}),
      notes: [
        `an address of the host other than ${context.flow.destination} works, and so does ${inbound.container ?? own} itself`,
      ],
    });
  },
});
