// What a run needs of the walkers and the checks, the larger half of the program: loaded while packets are awaited.
export { diagnose } from './diagnose.js';
export { withoutCopies } from './switched.js';
export { untracedRules } from './untraced-rules.js';
