import type { Reporter, TestCase, TestModule } from 'vitest/node';

const reasonOf = (test: TestCase): string => {
  const result = test.result();
  return (result.state === 'skipped' && result.note) || 'no reason given';
};

/** Says why each test was skipped; with VETHOSCOPE_CI=1 a skipped test fails the run. */
class SkipReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const skipped = modules.flatMap((module) => [...module.children.allTests('skipped')]);
    if (skipped.length === 0) return;
    const strict = process.env['VETHOSCOPE_CI'] === '1';
    for (const test of skipped) process.stderr.write(`skipped: ${test.fullName}: ${reasonOf(test)}\n`);
    if (!strict) return;
    process.stderr.write(`error: ${skipped.length} tests were skipped, which VETHOSCOPE_CI=1 forbids\n`);
    process.exitCode = 1;
  }
}

export default SkipReporter;
