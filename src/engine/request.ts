import { readHosts } from '../collect/hosts.js';
import { collectNetns } from '../collect/index.js';
import { type FlowRequest, parseDestination, resolveDestination } from '../discover/index.js';
import { EXIT, KnownError } from '../model/errors.js';
import type { Flow } from '../model/flow.js';
import type { NetnsRef } from '../model/netns.js';
import type { TraceSettings } from '../model/settings.js';
import type { Target } from '../model/target.js';

/** What of the settings names the flow. */
export interface RequestSettings extends Pick<TraceSettings, 'destination' | 'family'> {
  readonly probe: Pick<TraceSettings['probe'], 'protocol' | 'source' | 'mark'>;
}

/**
 * The sender's port of the flow, where the user chose one.
 * @throws KnownError for a flow that is not of UDP: conntrack knows one of TCP by its handshake
 */
export const chosenPort = (
  { probe: { sourcePort } }: Pick<TraceSettings, 'probe'>,
  { protocol }: Pick<Flow, 'protocol'>,
): Pick<Flow, 'sourcePort'> => {
  if (sourcePort === undefined) return {};
  if (protocol === 'udp') return { sourcePort };
  throw new KnownError('--source-port works with UDP probes only', {
    exitCode: EXIT.usage,
    hint: 'write udp://HOST:PORT',
  });
};

export interface ResolvedRequest {
  readonly request: FlowRequest;
  /** The DNS query that was sent for a name, as a command; `null` for an address. */
  readonly asked: readonly string[] | null;
}

/**
 * The flow that the settings ask for, with the destination's address. A name is looked up in the container's own hosts file,
 * then asked of its own resolvers.
 * @throws KnownError for a destination that is none, or that does not resolve
 */
export const resolveRequest = async (
  settings: RequestSettings,
  target: Target,
  signal: AbortSignal,
): Promise<ResolvedRequest> => {
  const netns: NetnsRef = { id: 'target', name: target.name, path: target.netnsPath, inode: 0 };
  const spelled = parseDestination(settings.destination);
  const isName = spelled.family === null;
  const resolver = isName ? await collectNetns(netns, ['resolvConf'], { signal, pid: target.pid }).resolvConf : null;
  const hosts = isName && spelled.host !== '' ? await readHosts(netns, target.pid) : null;
  const destination = await resolveDestination(settings.destination, {
    netns,
    hosts,
    resolvConf: resolver?.ok ? resolver.value : null,
    ...(settings.family === null ? {} : { family: settings.family }),
    signal,
  });
  const isQuery = destination.dns !== undefined && spelled.dns === undefined;
  const protocol = isQuery ? destination.protocol : (settings.probe.protocol ?? destination.protocol);
  if (protocol !== 'icmp' && destination.port === null)
    throw new KnownError(`a ${protocol} probe needs a port`, {
      exitCode: EXIT.usage,
      hint: `for example ${protocol}://${destination.host}:80`,
    });
  return {
    asked: destination.asked,
    request: {
      family: destination.family,
      protocol,
      destination: destination.address,
      destinationText: destination.text,
      port: protocol === 'icmp' ? null : destination.port,
      source: settings.probe.source,
      mark: settings.probe.mark,
      ...(protocol === 'udp' && destination.dns ? { dns: destination.dns } : {}),
    },
  };
};
