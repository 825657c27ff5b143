import { planCaptures } from '../../../src/capture/plan.js';
import { startTaps } from '../../../src/capture/taps.js';
import { canBecomeNobody } from '../../../src/host/identity.js';
import { FLOW, TEXTBOOK_PATH } from './path.js';

/** A program that starts the textbook's captures, says so, and then does nothing until it is killed. */
const [target = '', router = ''] = process.argv.slice(2);
const netns = [
  { id: 'target', name: 'target', path: target, inode: 0 },
  { id: 'router', name: 'router', path: router, inode: 0 },
];
const plans = planCaptures(TEXTBOOK_PATH, FLOW, netns, { icmp: 'deadbeef' }, { asNobody: canBecomeNobody() });
await startTaps(plans, { token: null, startedNs: 0n });
process.stdout.write('listening\n');
setInterval(() => {}, 1000);
