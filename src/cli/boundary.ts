/**
 * For tests alone: kills this process at the n-th place between two writes of a repair, where
 * `VETHOSCOPE_TEST_KILL_AT=n` asks for it.
 */
export const killAtBoundary = (environment: NodeJS.ProcessEnv): (() => void) => {
  const at = Number(environment['VETHOSCOPE_TEST_KILL_AT']);
  let passed = 0;
  return () => {
    passed += 1;
    if (passed === at) process.kill(process.pid, 'SIGKILL');
  };
};
