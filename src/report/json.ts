import type { Run } from '../model/run.js';

/** The run document as text, as `--json` prints it and as it is stored. */
export const renderJson = (run: Run): string => `${JSON.stringify(run, null, 2)}\n`;
