import type { Finding, Proof, Remedy } from '../../src/model/finding.js';
import { type StepOf, stepsOf } from '../../src/routing/flow-walk-types.js';
import { type CheckContext, defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { lostOn } from '../support/device-programs.js';

const TABLES = {
  4: { counter: 'Arp.table_fulls', file: '/proc/net/stat/arp_cache', key: 'net.ipv4.neigh.default' },
  6: { counter: 'Ndisc.table_fulls', file: '/proc/net/stat/ndisc_cache', key: 'net.ipv6.neigh.default' },
} as const;

const REASON = 'NEIGH_CREATEFAIL';

export const hostNeighTableOverflow = defineCheck({
  meta: {
    id: 'host-neigh-table-overflow',
    code: 'V3526',
    title: "the kernel's table of neighbours has room",
    covers: ['host-neigh-table-overflow'],
    requires: ['host.sysctls'],
    references: ['https://docs.kernel.org/networking/ip-sysctl.html (neigh/default/gc_thresh3)', 'man 7 arp'],
  },
  page: {
    meaning:
      'The table of neighbours is full: the kernel makes no entry for the next hop, and drops what was to go there. All namespaces share the table.',
    path: 'FORWARD -> POSTROUTING -> neighbour: no entry can be made -> dropped. With thousands of containers, or a scan of a large subnet.',
    decided:
      'The table counted that it was full during the probe, there is no entry for the next hop after it, and the packets are lost where one would be needed; or the kernel names that reason for them.',
    byHand: ['head -n 3 /proc/net/stat/arp_cache', 'sysctl net.ipv4.neigh.default', 'dmesg | grep "neighbour table"'],
    origins: [
      'more containers and peers than gc_thresh3, 1,024 by default',
      'a program that scans a large network on the link',
      'a route that makes a large network a neighbour',
    ],
    fixes: ['sysctl -w net.ipv4.neigh.default.gc_thresh3=N, and gc_thresh2 below it'],
    prevention: 'Set gc_thresh3 to more than all neighbours of all namespaces together.',
    lab: null,
  },
  run(artifacts, context) {
    const table = TABLES[context.flow.family];
    const fulls = context.delta('host', table.counter) ?? 0;
    const steps = stepsOf(context.walk, 'neighbour').filter((step) => isLost(context, step, fulls));
    const [first] = steps;
    if (!first)
      return fulls === 0
        ? notApplicable('no table of neighbours was full during the probe')
        : pass('the table of neighbours was full during the probe, and not for the next hops of these packets');
    return fail(finding(context, first, fulls, artifacts['host.sysctls']));
  },
});

const isLost = (context: CheckContext, step: StepOf<'neighbour'>, fulls: number): boolean => {
  const { link, way, netns, device, detail } = step;
  const drops = context.kernelDrops.filter((drop) => drop.link === link && drop.way === way);
  if (drops.length > 0) return drops.some(({ reason }) => reason === REASON);
  const lost = lostOn(context, link, way) ?? 0;
  const isRefused = context.walk.steps.some(
    (other) => other.link === link && other.way === way && (other.outcome === 'drop' || other.outcome === 'reject'),
  );
  return !isRefused && lost > 0 && fulls >= lost && context.neighbour(netns, device ?? '', detail.address) === null;
};

const finding = (
  context: CheckContext,
  { link, way, netns, device, detail }: StepOf<'neighbour'>,
  fulls: number,
  sysctls: Readonly<Record<string, string>>,
): Finding => {
  const table = TABLES[context.flow.family];
  const counted: Proof = {
    kind: 'counted',
    text: `the table of neighbours was full ${fulls} times during the probe`,
    command: ['cat', table.file],
  };
  return {
    cause: 'host-neigh-table-overflow',
    title: `the table of neighbours is full: none can be added for ${detail.address}`,
    place: {
      link,
      stage: 'neighbour',
      way,
      netns,
      ...(device === null ? {} : { device }),
      object: `${table.key}.gc_thresh3`,
    },
    loses: [{ link, way }],
    proof: [
      {
        kind: 'read',
        text: `no entry for ${detail.address} on ${device ?? '?'}`,
        command: ['ip', 'neigh', 'show', detail.address],
      },
      ...(fulls > 0 ? [counted] : []),
    ],
    remedies: [remedyOf(table.key, sysctls)],
  };
};

/** Where more entries than gc_thresh2 stay for five seconds, the kernel takes some out. */
const remedyOf = (key: string, sysctls: Readonly<Record<string, string>>): Remedy => {
  const names = ['gc_thresh3', 'gc_thresh2'].map((name) => `${key}.${name}`);
  const set = (factor: number) =>
    names.map((name) => ['sysctl', '-w', `${name}=${Number(sysctls[name]) * factor}`] as const);
  const areKnown = names.every((name) => Number(sysctls[name]) > 0);
  return {
    kind: areKnown ? 'runtime' : 'instruction',
    title: areKnown
      ? 'give the table room for four times as many neighbours'
      : `give the table more room: sysctl -w ${key}.gc_thresh3=N, in the first network namespace`,
    netns: 'host',
    commands: areKnown ? set(4) : [],
    undo: areKnown ? set(1).toReversed() : [],
    risk: 'low',
    riskText: 'each entry takes some 400 bytes of memory of the kernel',
  };
};
