/** A peer of a WireGuard device, from `wg show`, without its key. */
export interface WireguardPeer {
  readonly device: string;
  /** Destinations that the device sends to this peer, and sources that it takes from it. */
  readonly networks: readonly string[];
}
