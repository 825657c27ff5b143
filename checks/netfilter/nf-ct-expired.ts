import type { Proof } from '../../src/model/finding.js';
import { hopOf, lastRouter, wireLink } from '../../src/model/path-queries.js';
import type { ConntrackEntry } from '../../src/model/state.js';
import type { TcpSocket } from '../../src/model/traffic.js';
import { sourceTranslations } from '../../src/netfilter/rules.js';
import { defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { isHostAddress, isPrivate, isWithin, sourceAtUplink } from '../support/nat.js';

const TIMEOUT = 'net.netfilter.nf_conntrack_tcp_timeout_established';
const LOOSE = 'net.netfilter.nf_conntrack_tcp_loose';

/** As the kernel sets it, in seconds. */
const DEFAULT_TIMEOUT = 432_000;

export const nfCtExpired = defineCheck({
  meta: {
    id: 'nf-ct-expired',
    code: 'V5530',
    title: 'conntrack still knows the connection that is under way',
    covers: ['nf-ct-expired', 'nf-ct-idle-timeout'],
    requires: ['host.sysctls', 'host.addresses'],
    references: ['https://docs.kernel.org/networking/nf_conntrack-sysctl.html', 'man 8 conntrack'],
  },
  page: {
    meaning: 'A connection was idle for longer than conntrack remembers it; its next segments are translated no more.',
    path: 'bridge -> conntrack: no entry, and none is made in mid-stream (tcp_loose=0): INVALID -> POSTROUTING: nat is not asked -> uplink, with the private source -> outside.',
    decided:
      "The connection is followed (--socket). Conntrack of the host lists no entry of it, takes up none in mid-stream, its segments are seen on the uplink with the container's own address, and a rule translates that address for new connections.",
    byHand: [
      'conntrack -L -p tcp -s CONTAINER-ADDRESS',
      `sysctl ${TIMEOUT} ${LOOSE}`,
      'ss -tino (lastrcv: milliseconds since data came in)',
      'tcpdump -p -ni eth0 src CONTAINER-ADDRESS',
    ],
    origins: [
      'hardening that sets tcp_loose=0, or a short time-out for established connections',
      'a program that keeps connections idle for hours: a pool of a database',
      'conntrack -F, or a restart of the host of which the container knows nothing',
    ],
    fixes: [
      `sysctl -w ${LOOSE}=1: the connection that hangs goes on, where the translation comes out the same`,
      `sysctl -w ${TIMEOUT}=${DEFAULT_TIMEOUT}: for connections from now on`,
      'keepalive of the program below the time-out: tcp_keepalive_time of the container is 7200 s unless set',
    ],
    prevention: 'Keepalive below the shortest time-out on the way, which may also be that of a cloud.',
    lab: 'nf-ct-idle-timeout',
  },
  run(artifacts, context) {
    const { flow, socket, path, walk } = context;
    const [router, wire] = [lastRouter(path), wireLink(path)];
    if (!socket || !flow.established) return notApplicable('no connection that is under way is followed');
    if (router?.netns !== 'host' || router.oif === null || !wire)
      return notApplicable('the connection does not leave this host');
    const entries = context.conntrack('host');
    if (entries === null) return notApplicable('what conntrack knows was not read');
    if (entries.some((entry) => isOf(entry, socket))) return pass('conntrack of the host knows the connection');
    const own = socket.local;
    const state = context.netfilter('host');
    const rule = (state ? sourceTranslations(state, flow.family) : []).find(
      ({ source, sourceNegated }) => isWithin(source, own) !== sourceNegated,
    );
    if (!rule || !isPrivate(own) || isHostAddress(artifacts['host.addresses'], own))
      return notApplicable(`no rule translates ${own}`);
    if (walk.atUplink?.connection !== 'invalid') return pass('conntrack takes the connection up in mid-stream');
    if (sourceAtUplink(context) !== own) return pass(`its segments do not leave ${router.oif} as ${own}`);
    if (context.located.answered > 0) return pass('its segments are answered');
    const seen = context.located.counts.find(({ hop }) => hop === hopOf(path, 'uplink')?.id);
    const timeout = Number(artifacts['host.sysctls'][TIMEOUT]);
    const idle = idleProof(socket, timeout);
    return fail({
      cause: idle ? 'nf-ct-idle-timeout' : 'nf-ct-expired',
      title: `conntrack forgot the connection: ${own} is not translated`,
      place: { link: router.link, stage: 'prerouting', way: 'forward', netns: 'host', object: LOOSE },
      loses: [{ link: wire.id, way: 'return' }],
      proof: [
        {
          kind: seen && seen.forward > 0 ? 'seen' : 'inferred',
          text: `its segments leave ${router.oif} as ${own}, the container's own address, to which nobody outside has a way`,
        },
        {
          kind: 'asked',
          text: `conntrack of the host has no entry of ${own}:${socket.localPort} to ${socket.remote}:${socket.remotePort}`,
          command: ['conntrack', '-L', '-p', 'tcp', '-s', own, '-d', socket.remote],
        },
        {
          kind: 'read',
          text: `${LOOSE}=0: a connection is taken up at its first segment alone`,
          command: ['sysctl', LOOSE],
        },
        ...(idle ? [idle] : []),
      ],
      remedies: [
        {
          kind: 'runtime',
          title: 'take connections up in mid-stream, as the kernel does by default',
          netns: 'host',
          commands: [['sysctl', '-w', `${LOOSE}=1`]],
          undo: [['sysctl', '-w', `${LOOSE}=0`]],
          risk: 'medium',
          riskText: 'segments of connections whose beginning was not seen pass rules for new connections',
        },
        ...(timeout < DEFAULT_TIMEOUT
          ? [
              {
                kind: 'runtime' as const,
                title: 'remember connections that are idle as long as the kernel does by default',
                netns: 'host',
                commands: [['sysctl', '-w', `${TIMEOUT}=${DEFAULT_TIMEOUT}`]],
                undo: [['sysctl', '-w', `${TIMEOUT}=${timeout}`]],
                risk: 'low' as const,
                riskText: 'entries of connections that ended without a word stay longer in the table',
              },
            ]
          : []),
      ],
      notes: ['a new connection works: restarting the program mends it until it is idle again'],
    });
  },
});

const isOf = ({ original, reply }: ConntrackEntry, { local, localPort, remote, remotePort }: TcpSocket): boolean =>
  [original, reply].some(
    ({ src, sport, dst, dport }) => src === local && sport === localPort && dst === remote && dport === remotePort,
  );

/** That the connection was silent for longer than conntrack remembers it; `null` where that is not so. */
const idleProof = ({ lastReceivedMs }: TcpSocket, timeout: number): Proof | null =>
  lastReceivedMs === null || !(lastReceivedMs > timeout * 1000)
    ? null
    : {
        kind: 'read',
        text: `nothing came in for ${(lastReceivedMs / 1000).toFixed(1)} s, and conntrack remembers an idle connection for ${timeout} s`,
        command: ['sysctl', TIMEOUT],
      };
