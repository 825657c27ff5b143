import { randomHex } from '../host/random.js';
import type { Flow } from '../model/flow.js';
import type { NetnsRef } from '../model/netns.js';
import type { ProbeResult, ProbeSettings } from '../model/probe.js';
import { icmpCommand, probeIcmp } from './icmp.js';
import type { ProbeOptions } from './result.js';
import { probeTcp, tcpCommand } from './tcp.js';
import { probeUdp, udpCommand } from './udp.js';

/** A new payload token: 4 random bytes in hex. */
export const createToken = (): string => randomHex(4);

/**
 * The command that `probe` runs.
 * @throws {KnownError} for what cannot be probed
 */
export const probeCommand = (
  netns: NetnsRef,
  flow: Flow,
  settings: ProbeSettings,
  token: string,
): readonly string[] => {
  if (flow.protocol === 'tcp') return tcpCommand(netns, flow, settings);
  return flow.protocol === 'udp' ? udpCommand(netns, flow, settings, token) : icmpCommand(netns, flow, settings, token);
};

/** Sends the probe of the flow's protocol in a namespace. Rejects only as `probeCommand` throws. */
export const probe = async (
  netns: NetnsRef,
  flow: Flow,
  settings: ProbeSettings,
  token: string,
  options: ProbeOptions = {},
): Promise<ProbeResult> => {
  if (flow.protocol === 'tcp') return probeTcp(netns, flow, settings, options);
  return flow.protocol === 'udp'
    ? probeUdp(netns, flow, settings, token, options)
    : probeIcmp(netns, flow, settings, token, options);
};

/** The same probe from the host itself, from the address that the host's own routes choose. */
export const probeControl = (
  host: NetnsRef,
  flow: Flow,
  settings: ProbeSettings,
  token: string,
  options: ProbeOptions = {},
): Promise<ProbeResult> => probe(host, flow, { ...settings, source: null }, token, options);
