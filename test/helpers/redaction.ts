import { expect } from 'vitest';
import { diagnose } from '../../src/engine/diagnose.js';
import type { Diagnosis } from '../../src/model/diagnosis.js';
import type { Run } from '../../src/model/run.js';
import { reportFiles } from '../../src/report/files.js';
import { redactRun } from '../../src/report/redact/redact-run.js';

const conclusion = ({ status, cause, code, brokenLink, direction, confidence, findings, doubts }: Diagnosis) => ({
  status,
  cause,
  code,
  brokenLink,
  direction,
  confidence,
  findings: findings.map((finding) => [finding.cause, finding.rank, finding.place.link, finding.place.stage]),
  doubts: doubts.length,
});

/** Whether a text has a value that is neither part of a longer word or number nor the name of a whole private block, which is kept. */
export const occurs = (text: string, value: string): boolean => {
  const quoted = value.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
  const lengths = value === '192.168.0.0' ? '[0-9]|1[0-26]' : '[0-9]|1[0-2]';
  return new RegExp(`(?<![0-9A-Za-z])(?<!\\d\\.)${quoted}(?![0-9A-Za-z])(?!\\.\\d)(?!/(?:${lengths})\\b)`, 'i').test(
    text,
  );
};

/**
 * What has to hold for every redacted run: the same conclusion, no original value in any text file, no alias that equals
 * an original, and nothing left out.
 */
export const expectTrueAndRedacted = (run: Run): void => {
  const { run: redacted, pairs } = redactRun(run);
  if (!run.evidence || !redacted.evidence) throw new Error('the run has no evidence');
  expect(conclusion(diagnose(redacted.evidence))).toEqual(conclusion(diagnose(run.evidence)));
  expect(redacted.limits).toHaveLength(run.limits.length);
  const originals = pairs.map(([original]) => original);
  for (const [, alias] of pairs) expect(originals).not.toContain(alias);
  const texts = reportFiles(redacted, ['html', 'md', 'json', 'text', 'junit', 'sarif']).map(({ content }) =>
    Buffer.from(content).toString('utf8'),
  );
  for (const original of originals.filter((value) => value.length >= 5))
    for (const text of texts) expect(occurs(text, original), original).toBe(false);
};
