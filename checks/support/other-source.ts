import type { Finding } from '../../src/model/finding.js';
import { hopOf, lastRouter } from '../../src/model/path-queries.js';
import type { ProbeResult } from '../../src/model/probe.js';
import type { AddressState } from '../../src/model/state.js';
import { stepsOf } from '../../src/routing/flow-walk-types.js';
import type { CheckContext } from '../define-check.js';
import { inSubnetOf } from './container.js';
import { isHostAddress } from './nat.js';
import type { SilentOutside } from './silent-outside.js';

const ORDINARY = ['main', 'default', 'local'];

/**
 * The address with which this host's own packets leave, where the flow's leave by the same way with another address of this
 * host, which the outside finds by ARP; `null` where it is the same one, or that is not sure.
 */
export const firstAddress = (
  addresses: readonly AddressState[],
  context: CheckContext,
  { device, source }: SilentOutside,
): string | null => {
  if (source === null || !isHostAddress(addresses, source)) return null;
  const route = stepsOf(context.walk, 'route').findLast(({ netns, way }) => netns === 'host' && way === 'forward');
  const table = route?.detail.answer.rule?.table;
  if (!route || (table !== undefined && table !== null && !ORDINARY.includes(table))) return null;
  if (route.detail.answer.route?.prefsrc) return null;
  const uplink = hopOf(context.path, 'uplink')?.id;
  if (context.located.neighbour.some(({ hop, address }) => hop === uplink && address === source)) return null;
  const gateway = lastRouter(context.path)?.nextHop ?? context.flow.destination;
  const own = addresses.filter(({ ifname, family }) => ifname === device && family === context.flow.family);
  const first = own.find((address) => inSubnetOf(gateway, [address]) !== null);
  return first && first.local !== source ? first.local : null;
};

/** The outside answers this host, and not another address of it, with which the flow leaves. */
export const otherSource = (
  { wire, device, source }: SilentOutside,
  first: string,
  { answered, sent, command }: ProbeResult,
): Finding => ({
  cause: 'uplink-no-answer',
  title: `outside answers ${first}, and not ${source}`,
  place: { link: wire.id, stage: 'outside', way: 'forward', netns: 'host', device },
  loses: [
    { link: wire.id, way: 'forward' },
    { link: wire.id, way: 'return' },
  ],
  proof: [
    { kind: 'seen', text: `requests leave ${device} as ${source}` },
    { kind: 'read', text: `${source} is an address of this host too`, command: ['ip', '-br', 'addr', 'show', device] },
    {
      kind: 'control',
      text: `the same probe from the host itself, whose packets leave as ${first}: ${answered} of ${sent} answered`,
      command,
    },
  ],
  remedies: [
    {
      kind: 'instruction',
      title: `ask those who run the network upstream to pass ${source} too (the second address of the interface, its source check), or translate to ${first}`,
      netns: 'host',
      commands: [],
      undo: [],
      risk: 'low',
      riskText: 'nothing is changed here',
    },
  ],
  notes: ['whether the request or its answer is lost outside cannot be seen from this host'],
});
