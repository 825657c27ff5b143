import type { Collector } from './collector.js';
import { nftFrames } from './frame-save.js';

export const arptablesNft: Collector<'arptablesNft'> = { artifact: 'arptablesNft', ...nftFrames('arptables') };
