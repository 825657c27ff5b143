import type { Collector } from './collector.js';
import { nftBackend } from './iptables.js';

export const iptablesNft: Collector<'iptablesNft'> = { artifact: 'iptablesNft', ...nftBackend('iptables') };
