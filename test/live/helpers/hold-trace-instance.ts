import { openTraceInstance } from '../../../src/host/trace-instance.js';

/** Opens a trace instance, says its name and waits to be ended; as `exit` argument it ends by itself. */
const instance = await openTraceInstance();
instance.output.resume();
process.stdout.write(`${instance.name}\n`);
if (process.argv[2] === 'exit') process.exit(0);
