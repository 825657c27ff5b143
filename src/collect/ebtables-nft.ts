import type { Collector } from './collector.js';
import { nftFrames } from './frame-save.js';

export const ebtablesNft: Collector<'ebtablesNft'> = { artifact: 'ebtablesNft', ...nftFrames('ebtables') };
