import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { toRun } from '../../src/engine/to-run.js';
import type { Diagnosis } from '../../src/model/diagnosis.js';
import type { Evidence } from '../../src/model/evidence.js';
import type { Run } from '../../src/model/run.js';

const FOLDER = fileURLToPath(new URL('../../fixtures/evidence/', import.meta.url));
const SUFFIX = '.json.gz';

/** Ids of all recordings: faults and healthy networks of the lab. */
export const recordedIds: readonly string[] = readdirSync(FOLDER)
  .filter((file) => file.endsWith(SUFFIX))
  .map((file) => file.slice(0, -SUFFIX.length))
  .sort();

const texts = new Map<string, string>();

/** The recorded evidence of a fault or of a healthy network: a new object each time. */
export const recorded = (id: string): Evidence => {
  const text = texts.get(id) ?? gunzipSync(readFileSync(`${FOLDER}${id}${SUFFIX}`)).toString('utf8');
  texts.set(id, text);
  return JSON.parse(text) as Evidence;
};

/** The recorded evidence of a fault, or of a healthy network, with what the other host saw. */
export const recordedWithPeer = (id: string): Evidence => {
  const file = fileURLToPath(new URL(`../../fixtures/peer/${id}${SUFFIX}`, import.meta.url));
  return JSON.parse(gunzipSync(readFileSync(file)).toString('utf8')) as Evidence;
};

/** The run document of an evidence, as if it had been run at a fixed time. */
export const runFrom = (evidence: Evidence, diagnosis: Diagnosis): Run =>
  toRun(evidence, diagnosis, {
    tool: { name: 'vethoscope', version: '0.0.0' },
    run: {
      id: '3f9c02ab',
      started: '2026-11-20T02:51:07.000Z',
      durationMs: 1900,
      phasesMs: {},
      changesMade: 0,
      redacted: false,
      argv: ['trace', evidence.target.spelled, evidence.flow.destinationText],
      hostname: evidence.hostname,
      kernel: evidence.kernel,
    },
    evidence: false,
  });
