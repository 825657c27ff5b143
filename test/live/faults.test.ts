import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Fault } from '../../src/lab/fault.js';
import { rightCauses, traceArguments } from '../../src/lab/fault.js';
import { serveProbes } from '../../src/lab/serve-probes.js';
import { topologies } from '../../src/lab/topologies/index.js';
import { EXIT } from '../../src/model/errors.js';
import type { Run } from '../../src/model/run.js';
import { openLab, PROGRAM, type TestLab } from '../helpers/lab.js';
import { expectNoOriginals, type RedactedPackets, redactedPackets } from '../helpers/redacted-packets.js';
import { expectTrueAndRedacted } from '../helpers/redaction.js';
import { tracedFaults } from '../helpers/sample.js';
import { brokenRoles, runOf } from '../helpers/trace.js';

const conclusion = ({ diagnosis, findings, ruledOut }: Run) => ({ diagnosis, findings, ruledOut });

/** Of each fault, for one look at all of them at the end. */
const packets: RedactedPackets[] = [];

const broken = topologies.filter((topology) => tracedFaults.some((fault) => fault.topology === topology.id));

/** Nobody has their port while the network is whole: that it is refused is said, before and after. */
const NOBODY = ['app-localhost-means-container', 'host-route-localnet'];
/** Mending starts the program anew. */
const RESTARTED = ['app-proxy-env-loopback', 'dns-host-resolver-down'];

const whole = (fault: Fault): { readonly status: string; readonly cause: string | null; readonly exitCode: number } =>
  NOBODY.includes(fault.id)
    ? { status: 'fault', cause: 'pub-service-not-listening', exitCode: EXIT.fault }
    : { status: 'ok', cause: null, exitCode: EXIT.ok };

describe.each(broken)('network $id', ({ id }) => {
  let lab: TestLab;

  beforeAll(async () => {
    lab = await openLab(id);
    const own = tracedFaults.filter((fault) => fault.topology === id);
    await serveProbes(lab, own);
  });

  afterAll(() => lab.close());

  test.each(tracedFaults.filter((fault) => fault.topology === id))(
    '$id is found, and gone once mended',
    async (fault) => {
      const args = traceArguments(lab.topology, fault.probe);
      const processes = await lab.processes();

      const healthy = await lab.trace(args);
      const { exitCode, ...said } = whole(fault);
      expect(runOf(healthy).diagnosis, 'before').toMatchObject(said);
      expect(runOf(healthy).findings.map(({ cause }) => cause)).toEqual(said.cause === null ? [] : [said.cause]);
      expect(healthy.exitCode).toBe(exitCode);

      await lab.run(fault.break);
      try {
        const result = await lab.trace(args);
        const run = runOf(result);
        expect(rightCauses(fault), run.diagnosis.title).toContain(run.diagnosis.cause);
        expect(['certain', 'likely']).toContain(run.diagnosis.confidence);
        expect(brokenRoles(run)).toBe(fault.expect.link.join('–'));
        expect(run.diagnosis.direction).toBe(fault.expect.way);
        if (fault.expect.stage) expect(run.findings[0]?.stage).toBe(fault.expect.stage);
        expect(run.findings[0]?.rank).toBe('root');
        expect(run.findings[0]?.evidence.length).toBeGreaterThan(1);
        if (fault.id !== 'unexplained-drop') expect(run.findings[0]?.remedies.length).toBeGreaterThan(0);
        const code = run.diagnosis.status === 'degraded' ? EXIT.degraded : EXIT.fault;
        expect(result.exitCode).toBe(code);
        expectTrueAndRedacted(run);
        packets.push(...redactedPackets(fault.id, run));

        const shown = await lab.exec([...PROGRAM, 'show', run.run.id, '--json']);
        expect(conclusion(JSON.parse(shown.stdout))).toEqual(conclusion(run));
        expect(shown.exitCode).toBe(code);
      } finally {
        await lab.run(fault.undo);
      }

      const mended = await lab.trace(args);
      expect(runOf(mended).diagnosis, 'after').toMatchObject(said);
      expect(mended.exitCode).toBe(exitCode);
      const left = await lab.processes();
      expect(left).toHaveLength(processes.length);
      expect(left.filter((pid) => !processes.includes(pid))).toHaveLength(RESTARTED.includes(fault.id) ? 1 : 0);
    },
  );
});

test('no original value is decoded from the redacted packets of any of them', { timeout: 120_000 }, async () => {
  await expectNoOriginals(packets);
});
