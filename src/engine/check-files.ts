import type { CheckReport } from '../model/check-report.js';
import { EXIT, KnownError } from '../model/errors.js';
import type { Flow } from '../model/flow.js';
import { firstPacket } from '../routing/probe-packet.js';
import { walkExchange } from '../routing/walk-exchange.js';
import { PACKET_LENGTH, report } from './check.js';
import { conclude } from './check-conclusion.js';
import { phasesOf } from './check-phases.js';
import { type Dumps, stateFromDumps } from './dumps.js';

/** A packet at a host of which only dumps are there. */
export interface FilesCheck {
  readonly dumps: Dumps;
  readonly flow: Flow;
  /** Device that the packet comes in by; `null` when the host itself sends it. */
  readonly iif: string | null;
  /** Device that it leaves by, where no routes are given. */
  readonly oif: string | null;
}

/** Walks a packet through a host's dumps. Pure. @throws KnownError for a dump that cannot be read */
export const checkFiles = ({ dumps, flow, iif, oif }: FilesCheck): CheckReport => {
  if (iif !== null && flow.source === null)
    throw new KnownError('--iif needs --source, the address that the packet comes from', { exitCode: EXIT.usage });
  const { state, assumptions } = stateFromDumps(dumps, flow.family, oif);
  const packet = { ...firstPacket(flow, PACKET_LENGTH), iif };
  const { steps, request } = walkExchange(state, packet, { netns: 'host', fallbackDevice: oif });
  const phases = phasesOf(steps, [{ id: 'host', name: 'host' }]);
  const leaving = request.end === 'sent' ? { packet: request.packet, route: request.route } : null;
  const from = { from: 'files', target: 'host', flow, assumptions, limits: [] } as const;
  return report(from, phases, conclude(phases, steps, leaving));
};
