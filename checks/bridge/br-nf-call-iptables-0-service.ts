import type { Finding } from '../../src/model/finding.js';
import { originLink } from '../../src/model/path-queries.js';
import type { BridgePort } from '../../src/model/state.js';
import type { Translation } from '../../src/netfilter/types.js';
import { type StepOf, stepsOf } from '../../src/routing/flow-walk-types.js';
import { type CheckContext, defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { ownPort } from '../support/bridge-port.js';
import { listCommand, ruleCountedProof, ruleName } from '../support/proofs.js';

export const brNfCallIptables0Service = defineCheck({
  meta: {
    id: 'br-nf-call-iptables-0-service',
    code: 'V2111',
    title: 'answers that stay on the bridge are translated back',
    covers: ['br-nf-call-iptables-0-service'],
    requires: ['host.bridgePorts', 'host.sysctls'],
    references: [
      'https://docs.kernel.org/networking/bridge.html',
      'https://kubernetes.io/docs/setup/production-environment/',
    ],
  },
  page: {
    meaning:
      'A rule leads a service to another container of the same bridge; its answer crosses the bridge without meeting conntrack, and comes from an address that nobody asked.',
    path: 'eth0 -> bridge -> PREROUTING: DNAT to a neighbour on the bridge -> the neighbour answers straight to the container, over the bridge -> the socket waits for the address of the service: reset.',
    decided:
      'The walk meets a DNAT rule that leads back to the bridge that the request came by, no rule translates the source, and bridge-nf-call-iptables is 0 or br_netfilter is not loaded. The captures see the answers come to the container, and not by the bridge itself.',
    byHand: [
      'sysctl net.bridge.bridge-nf-call-iptables',
      'tcpdump -p -ni VETH tcp: answers come from the pod, not from the service',
      'conntrack -L -p tcp: SYN_SENT [UNREPLIED]',
    ],
    origins: [
      'br_netfilter is not loaded at boot (no file in /etc/modules-load.d)',
      'sysctl --system or a hardening role that put the setting back to 0',
    ],
    fixes: [
      'modprobe br_netfilter; sysctl -w net.bridge.bridge-nf-call-iptables=1: at once',
      'files in /etc/modules-load.d and /etc/sysctl.d: for good',
      'kube-proxy --masquerade-all: answers come back by the host, and lose the address of the client',
    ],
    prevention: 'kubeadm and most installers check it: do not skip their preflight.',
    lab: 'br-nf-call-iptables-0-service',
  },
  run(artifacts, context) {
    const detour = detourOf(context);
    if (detour === null) return notApplicable('no rule leads the packets back to the bridge that they came by');
    const own = ownPort(context, artifacts['host.bridgePorts']);
    if (own?.port.master !== detour.bridge) return notApplicable('the container is on no port of that bridge');
    const key = `net.bridge.bridge-nf-call-${context.flow.family === 6 ? 'ip6tables' : 'iptables'}`;
    const setting = artifacts['host.sysctls'][key];
    if (setting === '1') return pass(`${key} = 1`);
    return fail(finding(context, detour, own, key, setting));
  },
});

interface Detour {
  readonly step: StepOf<'hook'>;
  readonly translation: Translation;
  readonly bridge: string;
  /** The other container, to which the request is led. */
  readonly address: string;
}

/** The rule that leads the request to a neighbour on the bridge, and lets it keep its source. */
const detourOf = ({ walk, path }: CheckContext): Detour | null => {
  const [router] = path.routers;
  const hooks = stepsOf(walk, 'hook').filter(
    ({ link, way, netns }) => link === router?.link && way === 'forward' && netns === 'host',
  );
  const pre = hooks.find(({ detail }) => detail.walk.hook === 'prerouting');
  const post = hooks.find(({ detail }) => detail.walk.hook === 'postrouting');
  const translation = pre?.detail.walk.translations.find(({ kind }) => kind === 'dnat');
  if (!router || !pre || !post || !translation) return null;
  const { source } = pre.detail.packet;
  const { destination } = pre.detail.walk.packet;
  const route = stepsOf(walk, 'route').find(
    ({ link, way, detail }) => link === router.link && way === 'forward' && detail.query.destination === destination,
  )?.detail.answer;
  const isCertain = post.detail.walk.unknowns.length === 0 && (post.detail.walk.alternatives?.length ?? 0) === 0;
  const goesBack = route?.dev === router.iif && route.gateway === null && destination !== source;
  return goesBack && isCertain && post.detail.walk.packet.source === source
    ? { step: pre, translation, bridge: router.iif, address: destination }
    : null;
};

const finding = (
  context: CheckContext,
  { translation, bridge, address }: Detour,
  { link }: { readonly port: BridgePort; readonly link: string },
  key: string,
  setting: string | undefined,
): Finding => ({
  cause: 'br-nf-call-iptables-0-service',
  title: `answers of ${address} cross ${bridge} untranslated${setting === undefined ? ' (no br_netfilter)' : ''}`,
  place: { link, stage: 'bridge-forward', way: 'return', netns: 'host', device: bridge, object: key },
  loses: [
    { link: originLink(context.path).id, way: 'return' },
    { link, way: 'return' },
  ],
  proof: [
    {
      kind: 'read',
      text: setting === undefined ? `br_netfilter is not loaded: there is no ${key}` : `${key} = ${setting}`,
      command: ['sysctl', key],
    },
    {
      kind: 'read',
      text: `${ruleName(translation.rule)} leads the request to ${address}, on ${bridge} as well: ${translation.rule.text}`,
      command: listCommand(translation.rule),
    },
    ...ruleCountedProof(context, 'host', translation.rule),
    ...foreignProof(context, address),
  ],
  remedies: [
    setting === undefined
      ? {
          kind: 'instruction',
          title: `load br_netfilter (modprobe br_netfilter), and set ${key} to 1`,
          netns: 'host',
          commands: [],
          undo: [],
          risk: 'medium',
          riskText: 'what crosses bridges then meets the rules of iptables',
        }
      : {
          kind: 'runtime',
          title: 'let what crosses bridges meet conntrack and iptables (lost at reboot)',
          netns: 'host',
          commands: [['sysctl', '-w', `${key}=1`]],
          undo: [['sysctl', '-w', `${key}=${setting}`]],
          risk: 'medium',
          riskText: 'packets between containers of one bridge then meet the FORWARD rules',
        },
  ],
  notes: ['the same service works from other hosts and for containers of other bridges'],
});

/** Answers that came to the container from the other container's own address. */
const foreignProof = ({ sightings, path, flow }: CheckContext, address: string): Finding['proof'] | readonly [] => {
  const device = path.hops.find(({ role }) => role === 'container');
  const count = new Set(
    sightings
      .filter(({ hop, kind, packet }) => hop === device?.id && kind === 'reply' && packet.ip?.source === address)
      .map(({ probe }) => probe),
  ).size;
  return count === 0
    ? []
    : [
        {
          kind: 'seen',
          text: `${count} answers come to ${device?.ifname} from ${address}, not from ${flow.destination}`,
        },
      ];
};
