import { test } from 'vitest';
import { diagnose } from '../../src/engine/diagnose.js';
import { recorded, recordedIds, runFrom } from '../helpers/evidence.js';
import { expectTrueAndRedacted } from '../helpers/redaction.js';

test.each(recordedIds)('%s: redacted it says the same, and no file has an original value', (id) => {
  const evidence = recorded(id);
  expectTrueAndRedacted({ ...runFrom(evidence, diagnose(evidence)), evidence });
});
