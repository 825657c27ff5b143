import ipaddr from 'ipaddr.js';
import type { WireguardPeer } from '../model/wireguard-peer.js';
import { ParseError } from './parse-error.js';

/**
 * Peers and their networks from `wg show all allowed-ips`: device, key and networks in columns, a peer a line. The keys are
 * left out: they name the peers to everybody who meets them.
 * @throws ParseError
 * @see wg(8)
 */
export const parseAllowedIps = (text: string): WireguardPeer[] =>
  text.split('\n').flatMap((line, index) => {
    if (line === '') return [];
    const [device, key, words] = line.split('\t');
    const networks = words === '(none)' ? [] : (words?.split(' ') ?? []);
    if (!device || !key || words === undefined || !networks.every((network) => ipaddr.isValidCIDR(network)))
      throw new ParseError('wg', index + 1, 'no device, key and networks');
    return [{ device, networks }];
  });
