import type { Hop } from '../../src/model/path.js';
import { hopOf } from '../../src/model/path-queries.js';
import type { AddressState, LinkState } from '../../src/model/state.js';
import type { CheckContext } from '../define-check.js';

/** Another machine that says by ARP that it has an address of this host. */
export interface HeardTwin {
  readonly hop: Hop & { readonly ifname: string };
  readonly address: string;
  readonly mac: string;
  /** MAC of this host's own device. */
  readonly own: string;
}

interface Artifacts {
  readonly 'host.links': readonly LinkState[];
  readonly 'host.addresses': readonly AddressState[];
}

/**
 * The twin that the captures heard on the uplink, in ARP whose sender has an address of that device and a MAC that no device
 * of this host has; `null` where none was heard.
 * @see RFC 5227 §2.4
 */
export const twinHeard = (artifacts: Artifacts, { path, sightings }: CheckContext): HeardTwin | null => {
  const hop = hopOf(path, 'uplink');
  const device = artifacts['host.links'].find(({ ifname }) => ifname === hop?.ifname);
  if (hop?.netns !== 'host' || hop.inside || !device?.address) return null;
  const addresses = artifacts['host.addresses'].filter(({ ifname }) => ifname === device.ifname);
  const macs = artifacts['host.links'].map(({ address }) => address);
  const arp = sightings
    .filter((sighting) => sighting.hop === hop.id)
    .flatMap(({ packet }) => packet.arp ?? [])
    .find(
      ({ senderAddress, senderMac }) =>
        senderMac !== null && addresses.some(({ local }) => local === senderAddress) && !macs.includes(senderMac),
    );
  return arp?.senderMac && arp.senderAddress
    ? { hop: { ...hop, ifname: device.ifname }, address: arp.senderAddress, mac: arp.senderMac, own: device.address }
    : null;
};
