import type { Collector } from './collector.js';
import { legacyFrames } from './frame-save.js';

export const ebtablesLegacy: Collector<'ebtablesLegacy'> = { artifact: 'ebtablesLegacy', ...legacyFrames('ebtables') };
