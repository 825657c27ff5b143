import { diagnose } from '../../src/engine/diagnose.js';
import { recorded } from './evidence.js';

/** Whether the cause of a recorded fault is a rule of a firewall, which an ordinary user cannot see at all. */
export const isRule = (fault: string): boolean =>
  diagnose(recorded(fault)).findings[0]?.place.object?.startsWith('table ') === true;
