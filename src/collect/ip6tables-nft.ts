import type { Collector } from './collector.js';
import { nftBackend } from './iptables.js';

export const ip6tablesNft: Collector<'ip6tablesNft'> = { artifact: 'ip6tablesNft', ...nftBackend('ip6tables') };
