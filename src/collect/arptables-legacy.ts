import type { Collector } from './collector.js';
import { legacyFrames } from './frame-save.js';

export const arptablesLegacy: Collector<'arptablesLegacy'> = {
  artifact: 'arptablesLegacy',
  ...legacyFrames('arptables'),
};
