import type { Finding, Remedy } from '../../src/model/finding.js';
import { isLoopback } from '../../src/routing/service.js';
import { type CheckContext, defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { inside } from '../support/commands.js';
import { deadProxyOf } from '../support/docker-proxy.js';
import { countedProof } from '../support/proofs.js';
import {
  dnatRemedy,
  dnatRulesFor,
  isCertain,
  leadsTo,
  listNat,
  meantPort,
  natChain,
  onlyOpenPort,
  onlyOpenProof,
  type Published,
  publishedOf,
  publishedProof,
  publisherOf,
  remakeRemedies,
} from '../support/published.js';
import { isHostService, isLoopbackOnly, isReserved } from '../support/published-elsewhere.js';

export const pubDnatMissing = defineCheck({
  meta: {
    id: 'pub-dnat-missing',
    code: 'V5901',
    title: 'a rule leads the published port to the container',
    covers: ['pub-dnat-missing', 'pub-local-output-dnat-missing', 'pub-dnat-excludes-bridge', 'svc-rules-missing'],
    inbound: 'only',
    requires: ['host.sockets'],
    references: [
      'https://docs.docker.com/engine/network/packet-filtering-firewalls/',
      'man 8 iptables-extensions (DNAT)',
    ],
  },
  page: {
    meaning:
      'No rule translates the published address and port to the container: the host takes the packets for itself.',
    path: 'uplink -> PREROUTING: no DNAT -> route: local -> INPUT -> no socket: reset. From the host itself: OUTPUT instead of PREROUTING.',
    decided:
      'The walk of the host meets no DNAT for this packet; the captures see it come in and not leave towards the container; the host itself refuses it.',
    byHand: ['iptables -t nat -nvxL PREROUTING', 'iptables -t nat -nvxL DOCKER', 'docker port CONTAINER', 'ss -ltn'],
    origins: [
      'iptables -F, or a reload of firewalld or ufw after Docker started',
      'the port was never published: docker run without -p',
      'docker-proxy was killed, which takes what no rule translates (127.0.0.1, other containers)',
    ],
    fixes: [
      'docker restart CONTAINER, podman network reload CONTAINER: the runtime makes its rules anew; Docker ends its connections',
      'a DNAT rule by hand: at once, lost at the next reload',
    ],
    prevention: 'Reload the firewall with a hook that restarts Docker, or keep it away from the nat table.',
    lab: 'pub-dnat-missing',
  },
  run(artifacts, context) {
    const published = publishedOf(context);
    if (!published) return notApplicable('no published port is asked for');
    if (published.dnat) return pass(`${published.dnat.translation.rule.text} leads it on`);
    if (!isCertain(published)) return notApplicable('what the rules do with the port is not certain');
    if (published.packet?.destination === published.inbound.container) return notApplicable('it needs no translation');
    if (isLoopbackOnly(context, published)) return notApplicable('the port is published on a loopback address alone');
    if (isHostService(context, published, artifacts['host.sockets']))
      return notApplicable('a program of the host has the port');
    if (deadProxyOf(context, published, artifacts['host.sockets'])) return notApplicable('it is left to docker-proxy');
    return fail(finding(context, published));
  },
});

const finding = (context: CheckContext, published: Published): Finding => {
  const { hook, link, place, inbound } = published;
  const chain = hook.toUpperCase();
  const others = dnatRulesFor(context, published);
  const told =
    meantPort(published) ?? others.map(leadsTo).find((to) => to?.address === inbound.container)?.port ?? null;
  const single = told === null && others.length === 0 ? onlyOpenPort(context) : null;
  const port = told ?? single;
  const origin = publisherOf(context);
  return {
    cause: isExcluded(context, published)
      ? 'pub-dnat-excludes-bridge'
      : hook === 'output'
        ? 'pub-local-output-dnat-missing'
        : 'pub-dnat-missing',
    title: isExcluded(context, published)
      ? `the rule for ${place} leaves out what comes by ${clientBridge(context)}`
      : `no rule of ${chain} leads ${fromWords(context)}${place} to ${context.target.name}${proxyWords(context, published)}`,
    place: { link, stage: hook, way: 'forward', netns: 'host', object: natChain(context, published) },
    loses: [{ link, way: 'forward' }],
    proof: [
      {
        kind: 'read',
        text:
          others.length === 0
            ? `no rule of any table translates port ${published.port}`
            : `rules for port ${published.port} are there, and this packet meets none: ${others[0]?.text ?? ''}`,
        command: inside(context.netns('host'), listNat(context, published)),
      },
      ...publishedProof(context, published),
      ...(single === null ? [] : [onlyOpenProof(context, single)]),
      ...proxyProof(context, published),
      ...countedProof(context, 'host', context.flow.protocol === 'udp' ? 'Udp.NoPorts' : 'Tcp.OutRsts'),
    ],
    remedies: [...remakeRemedies(context), ...byRule(context, published, port)],
    ...(origin ? { origin } : {}),
    notes: [
      ...(isReserved(context)
        ? ['conmon keeps the port reserved on the host: connections are accepted there, and nobody serves them']
        : []),
      'the container itself is not asked: what works from the container outwards says nothing about this',
    ],
  };
};

/** Device of the host's bridge that a client in a container of this host comes by. */
const clientBridge = ({ path }: CheckContext): string | null =>
  path.hops[1]?.role === 'veth-host' ? (path.routers[0]?.iif ?? null) : null;

const fromWords = (context: CheckContext): string => {
  const bridge = clientBridge(context);
  return bridge === null ? '' : `what comes by ${bridge} for `;
};

/** Whether the rule is there, and leaves out what comes from containers; nft does not tell where a rule of iptables leads. */
const isExcluded = (context: CheckContext, published: Published): boolean => {
  const bridge = clientBridge(context);
  if (bridge === null) return false;
  return dnatRulesFor(context, published).some((rule) => {
    const to = leadsTo(rule);
    return to === null ? rule.text.includes(`iifname != "${bridge}"`) : to.address === published.inbound.container;
  });
};

const byRule = (context: CheckContext, published: Published, port: number | null): readonly Remedy[] =>
  port === null ||
  published.inbound.container === null ||
  isLoopback(context.flow.destination) ||
  clientBridge(context) !== null
    ? [
        {
          kind: 'instruction',
          title: instructionFor(context, published),
          netns: 'host',
          commands: [],
          undo: [],
          risk: 'low',
          riskText: 'nothing is changed here',
        },
      ]
    : [dnatRemedy(context, published, port)];

const instructionFor = (context: CheckContext, { port, inbound }: Published): string => {
  if (clientBridge(context) !== null)
    return `reach the container by its own name or address on a common network: ${inbound.container ?? '?'}:${meantPort({ inbound }) ?? 'PORT'}`;
  if (isLoopback(context.flow.destination))
    return "use an address of the host other than 127.0.0.1, which Docker's rules do translate";
  return `publish the port: start the container anew with -p ${port}:PORT, or add a DNAT rule to ${inbound.container ?? 'its address'}:PORT`;
};

/** Docker hands on what no rule translates; where that program is gone too, nothing takes the connection. */
const proxyWords = (context: CheckContext, { inbound, hook }: Published): string => {
  if (context.target.kind !== 'docker' || clientBridge(context) !== null) return '';
  if (inbound.proxy) return ', docker-proxy alone does';
  return hook === 'output' ? ', and no docker-proxy runs' : '';
};

const proxyProof = ({ target }: CheckContext, { inbound, place }: Published): Finding['proof'] | readonly [] =>
  target.kind !== 'docker'
    ? []
    : [
        {
          kind: 'read',
          text: inbound.proxy
            ? `docker-proxy (PID ${inbound.proxy.pid}) listens for ${place}`
            : `no docker-proxy listens for ${place}`,
          command: ['pgrep', '-a', 'docker-proxy'],
        },
      ];
