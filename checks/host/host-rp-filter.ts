import type { Finding } from '../../src/model/finding.js';
import { linkById, sideLinks } from '../../src/model/path-queries.js';
import { type StepOf, stepsOf } from '../../src/routing/flow-walk-types.js';
import { type CheckContext, defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { deviceKey, inside, words } from '../support/commands.js';
import { countedProof } from '../support/proofs.js';

export const hostRpFilter = defineCheck({
  meta: {
    id: 'host-rp-filter',
    code: 'V3003',
    title: 'the reverse-path check accepts the packets',
    covers: ['host-rp-filter', 'host-rp-filter-uplink', 'host-rp-filter-container-side', 'pub-rp-filter-dnat'],
    inbound: 'also',
    requires: ['host.sysctls', 'host.routes', 'host.rules'],
    references: ['RFC 3704', 'https://docs.kernel.org/networking/ip-sysctl.html'],
  },
  page: {
    meaning:
      'The reverse-path check drops a packet whose source the host would not reach by the interface it came in by.',
    path: 'interface -> PREROUTING -> route look-up -> reverse look-up of the source: another device, dropped.',
    decided:
      'The effective mode is the larger of conf.all.rp_filter and conf.IFACE.rp_filter: 1 (strict) wants the same interface, 2 (loose) any route. TcpExtIPReversePathFilter rises by one per packet.',
    byHand: [
      'sysctl net.ipv4.conf.all.rp_filter net.ipv4.conf.eth1.rp_filter',
      'ip route get SOURCE',
      'nstat -az TcpExtIPReversePathFilter',
    ],
    origins: [
      'two uplinks with asymmetric routes',
      'a VPN route that covers the container subnet',
      'a stale /32 route',
      'conf.all.rp_filter = 1 from a hardening role',
    ],
    fixes: [
      'mend the route, where the reverse route is what is wrong',
      'sysctl -w net.ipv4.conf.IFACE.rp_filter=2: loose mode on this interface (the larger value counts, so all=1 stays)',
    ],
    prevention: 'Policy routing for both uplinks, so that answers leave where requests came in.',
    lab: 'host-rp-filter-uplink',
  },
  run(_artifacts, context) {
    const steps = stepsOf(context.walk, 'reverse-path').filter((step) => step.netns !== 'target');
    if (steps.length === 0) return notApplicable('nothing is routed on this path');
    const [first, ...more] = steps
      .filter((step) => step.outcome === 'drop' && step.detail.answer.because !== 'local-source')
      .map((step) => finding(context, step));
    return first ? fail(first, ...more) : pass('rp_filter accepts both ways');
  },
});

const finding = (context: CheckContext, step: StepOf<'reverse-path'>): Finding => {
  const { device, answer } = step.detail;
  const netns = context.netns(step.netns);
  const keys = [`net.ipv4.conf.all.rp_filter`, `net.ipv4.conf.${device}.rp_filter`];
  const link = entryLink(context, step);
  const route = answer.answer?.route;
  const specific =
    step.way === 'forward' && route && route.protocol !== 'kernel' && route.destination !== '0.0.0.0/0' ? route : null;
  const loosen = {
    kind: 'runtime' as const,
    title: `loose reverse-path check on ${device} (lost at reboot)`,
    netns: step.netns,
    commands: [inside(netns, ['sysctl', '-w', `${deviceKey(device, 'rp_filter')}=2`])],
    undo: [inside(netns, ['sysctl', '-w', `${deviceKey(device, 'rp_filter')}=${answer.settings.device}`])],
    risk: 'medium' as const,
    riskText: `packets with any routable source are accepted on ${device}`,
  };
  return {
    cause: causeOf(context, step),
    title: `the reverse-path check on ${device} drops the ${step.way === 'forward' ? 'request' : 'reply'} (rp_filter = ${answer.effective})`,
    place: { link, stage: 'route', way: step.way, netns: step.netns, device, object: keys.join(', ') },
    loses: [{ link, way: step.way }],
    proof: [
      {
        kind: 'read',
        text: `rp_filter: all = ${answer.settings.all}, ${device} = ${answer.settings.device}; the larger one counts: ${answer.effective} (${answer.effective === 1 ? 'strict' : 'loose'})`,
        command: inside(netns, ['sysctl', ...keys]),
      },
      {
        kind: 'read',
        text: answer.expectedDevice
          ? `the route to the source leads to ${answer.expectedDevice}, the packet came in by ${device}${route ? `: ${route.text}` : ''}`
          : 'there is no route to the source',
        command: inside(netns, ['ip', 'route', 'get', sourceOf(context, step)]),
      },
      ...countedProof(context, step.netns, 'TcpExt.IPReversePathFilter'),
    ],
    remedies: specific
      ? [
          {
            kind: 'runtime',
            title: `delete the route that leads the container's address to ${answer.expectedDevice}`,
            netns: step.netns,
            commands: [inside(netns, ['ip', 'route', 'del', ...words(specific.text)])],
            undo: [inside(netns, ['ip', 'route', 'add', ...words(specific.text)])],
            risk: 'medium',
            riskText:
              'replies to the container would follow this route too, so it is wrong for this container; check who made it',
          },
        ]
      : [loosen],
    notes: ['a capture shows the packet on the interface: captures see packets before this check'],
  };
};

/** A request of a client outside comes in by an uplink, one of the container from its own side. */
const causeOf = ({ inbound }: CheckContext, { way }: StepOf<'reverse-path'>): string => {
  if (inbound) return way === 'forward' ? 'pub-rp-filter-dnat' : 'host-rp-filter-container-side';
  return way === 'forward' ? 'host-rp-filter-container-side' : 'host-rp-filter-uplink';
};

const sourceOf = (context: CheckContext, step: StepOf<'reverse-path'>): string =>
  step.way === 'forward' ? (context.flow.source ?? '') : context.flow.destination;

/** The link that the packet was on when it came in: an alternate uplink's where the reply came back by one. */
const entryLink = (context: CheckContext, step: StepOf<'reverse-path'>): string => {
  const own = linkById(context.path, step.link);
  const hop = context.path.hops.find(
    (candidate) => candidate.ifname === step.detail.device && candidate.netns === step.netns,
  );
  if (step.way === 'forward' || !hop || own?.to === hop.id) return step.link;
  return sideLinks(context.path).find((link) => link.from === hop.id || link.to === hop.id)?.id ?? step.link;
};
