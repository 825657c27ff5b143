import { discoverTopology, resolveTarget } from '../discover/index.js';
import { CHECK_FORMAT_VERSION, CHECK_SCHEMA, type CheckReport } from '../model/check-report.js';
import type { CheckSettings } from '../model/check-settings.js';
import { EXIT, KnownError } from '../model/errors.js';
import type { Evidence } from '../model/evidence.js';
import type { Flow } from '../model/flow.js';
import type { NetnsId, NetnsRef } from '../model/netns.js';
import type { Path, RouterNode } from '../model/path.js';
import type { NetnsState } from '../model/state.js';
import { firstPacket } from '../routing/probe-packet.js';
import { walkFlow } from '../routing/walk-flow.js';
import { type InboundPlaces, walkInbound } from '../routing/walk-inbound.js';
import { VERSION } from '../version.js';
import { conclude, type Leaving } from './check-conclusion.js';
import { phasesOf } from './check-phases.js';
import { limitsOf } from './limits.js';
import { resolveRequest } from './request.js';
import { SlowReads, statesBefore } from './snapshot.js';

/** Bytes of an echo request with the usual payload; rules rarely look at it. */
export const PACKET_LENGTH = 84;

/** Stands for any address outside: no packet is sent to it. @see RFC 5737 */
export const ANYWHERE = '192.0.2.1';

/** What a check is made of, wherever it comes from. */
export interface CheckInput {
  readonly from: CheckReport['from'];
  readonly target: string;
  readonly flow: Flow;
  readonly path: Path;
  readonly netns: readonly NetnsRef[];
  readonly states: Readonly<Record<NetnsId, NetnsState>>;
  readonly inbound: boolean;
  readonly assumptions: readonly string[];
  readonly limits: CheckReport['limits'];
}

/** Reads the namespaces of a container's flow and walks them. Sends nothing. @throws KnownError */
export const checkHost = async (
  settings: CheckSettings,
  { signal, onQuery }: { readonly signal: AbortSignal; readonly onQuery: (command: readonly string[]) => void },
): Promise<CheckReport> => {
  const target = await resolveTarget(settings.target, { signal });
  const destination = settings.inbound ? (settings.source ?? ANYWHERE) : (settings.destination ?? ANYWHERE);
  const source = settings.inbound ? null : settings.source;
  const { protocol, mark, family } = settings;
  const probe = { protocol: settings.inbound ? 'icmp' : protocol, source, mark } as const;
  const { request, asked } = await resolveRequest({ destination, family, probe }, target, signal);
  if (asked) onQuery(asked);
  const slow = new SlowReads(request.family, Promise.resolve(), { signal, pid: target.pid });
  const discovery = await discoverTopology(target, request, { signal, onNetns: slow.begin });
  const { flow, netns, path } = discovery;
  const states = await statesBefore(discovery, slow, { signal, flow });
  return checkFlow({
    from: 'host',
    target: target.name,
    flow: settings.inbound ? inboundFlow(settings, destination) : flow,
    path,
    netns,
    states,
    inbound: settings.inbound,
    assumptions: assumptionsOf(settings),
    limits: limitsOf(netns, path, states, {}, []),
  });
};

const assumptionsOf = ({ inbound, source, destination }: CheckSettings): readonly string[] => {
  if (inbound && source === null) return [`the client is ${ANYWHERE}, which stands for any address outside`];
  return !inbound && destination === null
    ? [`the destination is ${ANYWHERE}, which stands for any address outside`]
    : [];
};

const inboundFlow = ({ published, mark }: CheckSettings, client: string): Flow => {
  if (published === null)
    throw new KnownError('--inbound needs the published place, an address with a port', {
      exitCode: EXIT.usage,
      hint: 'for example: vethoscope check web tcp://198.51.100.10:8080 --inbound',
    });
  return { ...published, kind: 'inbound', source: client, mark };
};

/** The flow of a stored run, walked anew through the state that was read before its probe. */
export const checkEvidence = (evidence: Evidence): CheckReport =>
  checkFlow({
    from: 'run',
    target: evidence.target.name,
    flow: evidence.flow,
    path: evidence.path,
    netns: evidence.netns,
    states: evidence.before,
    inbound: false,
    assumptions: [],
    limits: evidence.limits,
  });

/** Walks a flow and says what becomes of it. Pure. */
export const checkFlow = (input: CheckInput): CheckReport => {
  const { flow, path, states, netns } = input;
  const { steps, leaving } = input.inbound ? inboundSteps(input) : flowSteps(flow, path, states);
  const phases = phasesOf(steps, netns);
  return report(input, phases, conclude(phases, steps, leaving));
};

/** The report of phases that were walked already. */
export const report = (
  { from, target, flow, assumptions, limits }: Pick<CheckInput, 'from' | 'target' | 'flow' | 'assumptions' | 'limits'>,
  phases: CheckReport['phases'],
  conclusion: CheckReport['conclusion'],
): CheckReport => ({
  schema: CHECK_SCHEMA,
  formatVersion: CHECK_FORMAT_VERSION,
  tool: { name: 'vethoscope', version: VERSION },
  from,
  target,
  flow,
  phases,
  conclusion,
  assumptions,
  limits,
});

type Walked = { readonly steps: ReturnType<typeof walkFlow>['steps']; readonly leaving: Leaving | null };

const flowSteps = (flow: Flow, path: Path, states: CheckInput['states']): Walked => {
  const { steps, atUplink } = walkFlow({
    flow,
    path,
    states,
    length: PACKET_LENGTH,
    replyDevice: null,
    replyMac: null,
  });
  const last = steps.findLast(({ detail, way }) => way === 'forward' && detail.kind === 'route');
  const route = last?.detail.kind === 'route' ? last.detail.answer : null;
  return { steps, leaving: atUplink && atUplink.oif !== null ? { packet: atUplink, route } : null };
};

const inboundSteps = ({ flow, path, states }: CheckInput): Walked => {
  const router = path.routers.at(-1);
  const walk =
    router &&
    walkInbound({ flow, path, places: placesOf(path, router), states, packet: firstPacket(flow, PACKET_LENGTH) });
  if (!walk) throw new KnownError('no way from outside to this container was found', { exitCode: EXIT.inconclusive });
  // A check is about rules and routes: whether a program listens is not asked.
  const steps = walk.steps.filter(({ detail }) => detail.kind !== 'service');
  return { steps, leaving: walk.end === 'container' ? { packet: walk.packet, route: null } : null };
};

/** The places of a client's packet on the path from the container to the client. */
const placesOf = (path: Path, router: RouterNode): InboundPlaces => ({
  host: router,
  iif: router.oif,
  oif: router.iif,
  container: { link: path.links[0]?.id ?? 'h0-h1', device: path.hops[1]?.ifname ?? null },
});
