import type { Finding, Proof, Remedy } from '../../src/model/finding.js';
import { isHostAlias } from '../../src/model/host-aliases.js';
import { deliveryLink, originLink, wireLink } from '../../src/model/path-queries.js';
import type { ListeningSocket } from '../../src/model/state.js';
import { type CheckContext, defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { inside } from '../support/commands.js';
import { arrivalOf, closedProofs } from '../support/refused.js';

/** @see https://docs.docker.com/engine/network/#dns-services */
const EMBEDDED = '127.0.0.11';
/** Stub listeners of systemd-resolved. @see systemd-resolved.service(8) */
const STUBS: readonly string[] = ['127.0.0.53', '127.0.0.54'];

export const dnsNoServer = defineCheck({
  meta: {
    id: 'dns-no-server',
    code: 'V1903',
    title: 'a DNS server listens in the container where its queries go',
    covers: [
      'dns-no-server',
      'ctr-dns-no-nameserver',
      'ctr-dns-stub-127.0.0.53',
      'dns-embedded-nat-missing',
      'dns-host-docker-internal-missing',
    ],
    requires: [],
    references: ['man 5 resolv.conf', 'man 8 systemd-resolved', 'https://docs.docker.com/engine/network/'],
  },
  page: {
    meaning: "The container's queries go to a loopback address of its own, and no DNS server listens there.",
    path: 'resolver of the container -> lo -> no socket: port unreachable. No query ever leaves the container.',
    decided:
      "The server is an address of the container itself, its list of sockets has no such port, and resolv.conf says why: no nameserver at all, the host's stub 127.0.0.53, or Docker's 127.0.0.11 without the rule that leads to its resolver.",
    byHand: ['nsenter -t PID -n ss -lnu', 'cat /proc/PID/root/etc/resolv.conf', 'nsenter -t PID -n iptables -t nat -S'],
    origins: [
      "the host's own /etc/resolv.conf, with the stub of systemd-resolved, copied into the container",
      'an empty resolv.conf: libc then asks 127.0.0.1',
      "iptables -t nat -F inside the container's namespace, which takes Docker's rule for 127.0.0.11",
    ],
    fixes: [
      'dockerd: "dns" in daemon.json; docker run --dns SERVER',
      '/run/systemd/resolve/resolv.conf in place of the stub: kubelet --resolv-conf, a bind mount',
      'docker network disconnect and connect: Docker makes its rules for 127.0.0.11 anew',
    ],
    prevention: 'A loopback address of the host means nothing in a container.',
    lab: 'ctr-dns-stub-127.0.0.53',
  },
  run(_artifacts, context) {
    const { flow } = context;
    if (!flow.dns) return notApplicable('the probe asks no DNS server');
    if (isUnknownAlias(context)) return fail(unknownAlias(context, flow.dns.name));
    if (flow.kind !== 'local') return notApplicable('the DNS server is not in the container');
    const arrival = arrivalOf(context);
    if (arrival === null) return notApplicable('where the queries arrive is not known');
    const { answer, link } = arrival;
    if (answer.listens === 'yes') return pass(`a program listens on ${answer.address} port ${answer.port}`);
    const { name } = context.target;
    return fail({
      ...explanation(context, context.sockets('target') ?? []),
      place: { link, stage: 'socket', way: 'forward', netns: 'target', device: 'lo' },
      loses: [{ link, way: 'forward' }],
      proof: [...closedProofs(context, 'target', answer, name), ...resolvProof(context)],
    });
  },
});

/** Whether a name of the host's was looked up, in the hosts file first, and the server says that there is none. */
const isUnknownAlias = ({ flow, probe }: CheckContext): boolean =>
  flow.dns !== undefined &&
  flow.destinationText === flow.dns.name &&
  isHostAlias(flow.dns.name) &&
  probe !== null &&
  probe.answers.length > 0 &&
  probe.answers.every(({ outcome, text }) => outcome === 'answered' && text?.startsWith('NXDOMAIN'));

const unknownAlias = ({ path, flow, target, probe }: CheckContext, name: string): Finding => {
  const link = (wireLink(path) ?? deliveryLink(path) ?? originLink(path)).id;
  return {
    cause: 'dns-host-docker-internal-missing',
    title: `neither /etc/hosts of ${target.name} nor DNS has ${name}`,
    place: { link, stage: 'outside', way: 'forward', netns: 'host' },
    loses: [{ link, way: 'forward' }],
    proof: [
      { kind: 'read', text: `/etc/hosts of ${target.name} has no entry for ${name}` },
      {
        kind: 'asked',
        text: `${flow.destination}: ${probe?.answers[0]?.text ?? 'NXDOMAIN'}`,
        command: ['dig', `@${flow.destination}`, name],
      },
    ],
    remedies: [
      byHand(
        `start the container with --add-host=${name}:host-gateway (Compose: extra_hosts), which Docker Desktop does by itself`,
      ),
    ],
    notes: ['the network is as it should be: the packets are answered'],
  };
};

type Explanation = Pick<Finding, 'cause' | 'title' | 'remedies'>;

/** Why nobody is there, as resolv.conf and the sockets tell. */
const explanation = (context: CheckContext, sockets: readonly ListeningSocket[]): Explanation => {
  const { destination } = context.flow;
  const { name } = context.target;
  const servers = context.resolvConf?.nameservers ?? null;
  if (servers?.length === 0)
    return {
      cause: 'ctr-dns-no-nameserver',
      title: `resolv.conf of ${name} names no DNS server: ${destination} is asked`,
      remedies: [otherServer],
    };
  const embedded = sockets.filter(({ address, port }) => address === EMBEDDED && port !== context.flow.port);
  const [own] = embedded.filter(({ protocol }) => protocol === 'udp');
  if (destination === EMBEDDED && own)
    return {
      cause: 'dns-embedded-nat-missing',
      title: `no rule leads ${EMBEDDED}:53 to Docker's resolver on port ${own.port}`,
      remedies: [reconnect, leadBack(context, embedded)],
    };
  if (STUBS.includes(destination))
    return {
      cause: 'ctr-dns-stub-127.0.0.53',
      title: `${name} asks ${destination}, the stub of the host's resolver, in itself`,
      remedies: [otherServer],
    };
  return {
    cause: 'dns-no-server',
    title: `${name} asks ${destination}, its own address, where no DNS server listens`,
    remedies: [otherServer],
  };
};

const byHand = (title: string): Remedy => ({
  kind: 'instruction',
  title,
  netns: 'target',
  commands: [],
  undo: [],
  risk: 'low',
  riskText: 'nothing is changed here',
});

const otherServer = byHand(
  'give the container a DNS server that it can reach: dockerd "dns", docker run --dns, kubelet --resolv-conf /run/systemd/resolve/resolv.conf',
);

const reconnect = byHand('let Docker make its rules anew: docker network disconnect NET CONTAINER, then connect');

/** The rules that Docker makes in the container's namespace, one for each protocol that its resolver has. */
const leadBack = (context: CheckContext, embedded: readonly ListeningSocket[]): Remedy => {
  const netns = context.netns('target');
  const rules = embedded.map(({ protocol, port }) => [
    ...['-d', `${EMBEDDED}/32`, '-p', protocol, '--dport', '53'],
    ...['-j', 'DNAT', '--to-destination', `${EMBEDDED}:${port}`],
  ]);
  const command = (verb: string, rule: readonly string[]) =>
    inside(netns, ['iptables', '-t', 'nat', verb, 'OUTPUT', ...rule]);
  return {
    kind: 'runtime',
    title: "or lead the queries to Docker's resolver at once",
    netns: 'target',
    commands: rules.map((rule) => command('-A', rule)),
    undo: rules.toReversed().map((rule) => command('-D', rule)),
    risk: 'low',
    riskText: 'lost when the container starts anew, which makes the rule by itself',
  };
};

const resolvProof = ({ resolvConf, target }: CheckContext): readonly Proof[] => {
  if (resolvConf === null) return [];
  const { nameservers } = resolvConf;
  const text = nameservers.length === 0 ? 'has no nameserver line' : `names ${nameservers.join(', ')}`;
  return [{ kind: 'read', text: `resolv.conf of ${target.name} ${text}` }];
};
