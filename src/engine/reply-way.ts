import type { Evidence } from '../model/evidence.js';
import type { Located } from '../model/located.js';
import type { HopRole } from '../model/path.js';

/** The device of the last router by which replies were seen to come in, where it is not the one that the request left by. */
export const replyDevice = (evidence: Evidence, located: Located): string | null => {
  const hops = located.replyBy.map((id) => evidence.path.hops.find((hop) => hop.id === id));
  const uplink = hops.find((hop) => hop?.role === 'uplink');
  return uplink ? null : (hops.find((hop) => hop?.role === 'alternate-uplink')?.ifname ?? null);
};

const OUTER: ReadonlySet<HopRole> = new Set(['uplink', 'lower', 'alternate-uplink']);

/** Who sent the replies on to this host, where it was one; a frame inside of a tunnel was sent by the tunnel's other end. */
export const replyMac = ({ path, sightings }: Evidence): string | null => {
  const outer = new Set(path.hops.flatMap(({ id, role, inside }) => (OUTER.has(role) && !inside ? [id] : [])));
  const replies = sightings.filter(({ kind, hop }) => kind === 'reply' && outer.has(hop));
  const [mac, ...others] = new Set(replies.map(({ packet }) => packet.macSource));
  return others.length === 0 ? (mac ?? null) : null;
};
