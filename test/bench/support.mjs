// What the benches share: commands that must succeed, medians, and a lab to run in. Needs a built program.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const PROGRAM = fileURLToPath(new URL('../../dist/bin.cjs', import.meta.url));

export const must = ([file, ...args], options = {}) => {
  const result = spawnSync(file, args, { encoding: 'utf8', ...options });
  if (result.status === 0) return result.stdout;
  if (result.error) throw result.error;
  throw new Error(`${[file, ...args].join(' ')} ended with ${result.status ?? result.signal}\n${result.stderr ?? ''}`);
};

export const median = (numbers) => {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

/** Runs this same script again inside a lab, and gives what it printed; the lab and its stored runs are removed. */
export const insideLab = (script, args) => {
  const state = mkdtempSync(join(tmpdir(), 'vethoscope-bench-'));
  // Where it is set, every start of Node parses some hundred certificates, which takes twice as long as all else of it.
  const { NODE_EXTRA_CA_CERTS: _, ...environment } = process.env;
  const env = { ...environment, XDG_STATE_HOME: state };
  const vethoscope = [process.execPath, PROGRAM];
  try {
    must([...vethoscope, 'lab', 'up', 'textbook'], { env });
    return must([...vethoscope, 'lab', 'exec', '--', process.execPath, script, ...args], { env });
  } finally {
    spawnSync(process.execPath, [PROGRAM, 'lab', 'down', '--all'], { env });
    rmSync(state, { recursive: true, force: true });
  }
};
