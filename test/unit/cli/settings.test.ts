import { describe, expect, test } from 'vitest';
import { ageFrom, displayFrom, traceSettingsFrom } from '../../../src/cli/settings.js';
import { KnownError } from '../../../src/model/errors.js';

/** What the command line brings when no option is given. */
const DEFAULTS = { count: '3', interval: '20ms', size: '56', mark: '0', wait: '1s', timeout: '15s' };

const settings = (options: object) => traceSettingsFrom('net1', '203.0.113.5', { ...DEFAULTS, ...options }, ['trace']);

const refusal = (act: () => unknown): KnownError => {
  try {
    act();
  } catch (error) {
    if (error instanceof KnownError) return error;
    throw error;
  }
  throw new Error('was accepted');
};

describe('settings of a trace', () => {
  test('take their defaults', () => {
    expect(settings({})).toEqual({
      target: 'net1',
      destination: '203.0.113.5',
      probe: {
        protocol: null,
        count: 3,
        intervalMs: 20,
        size: 56,
        df: false,
        source: null,
        mark: 0,
        timeoutMs: 1000,
      },
      family: null,
      fullSize: true,
      timeoutMs: 15_000,
      dryRun: false,
      evidence: true,
      argv: ['trace'],
    });
  });

  test('take what is asked for', () => {
    const asked = settings({
      proto: 'tcp',
      count: '10',
      interval: '1.5s',
      mark: '0x10',
      6: true,
      df: true,
      evidence: false,
    });
    expect(asked.probe).toMatchObject({ protocol: 'tcp', count: 10, intervalMs: 1500, mark: 16, df: true });
    expect(asked).toMatchObject({ family: 6, evidence: false });
  });

  test('a chosen source port is for one probe', () => {
    const options = { ...DEFAULTS, count: undefined, sourcePort: '45454' };
    expect(settings(options).probe).toMatchObject({ count: 1, sourcePort: 45_454 });
    expect(settings({ ...options, inbound: true, simulate: 'netns:client' }).probe.count).toBe(1);
    const followed = refusal(() => traceSettingsFrom('net1', '', { ...options, socket: '80' }, ['trace']));
    expect(followed.message).toMatch(/--source-port is for a probe of ours/);
  });

  test.each([
    [{}, { count: 3, intervalMs: 20, adaptive: true }],
    [{ count: '2' }, { count: 2, intervalMs: 20, adaptive: true }],
    [{ count: '1' }, { count: 1, intervalMs: 20, adaptive: undefined }],
    [{ count: '200' }, { count: 200, intervalMs: 20, adaptive: undefined }],
    [{ interval: '20ms' }, { count: 3, intervalMs: 20, adaptive: undefined }],
  ])('a few probes follow the answers unless an interval is asked for: %j', (options, { adaptive, ...pace }) => {
    const { probe } = traceSettingsFrom('net1', '203.0.113.5', { mark: '0', timeout: '15s', ...options }, ['trace']);
    expect(probe).toMatchObject(pace);
    expect(probe.adaptive).toBe(adaptive);
  });

  test.each([
    [{ count: '0' }, /--count is at least 1/],
    [{ count: '1001' }, /--count is at most 1000/],
    [{ count: '-1' }, /--count is a whole number/],
    [{ count: '3.5' }, /--count is a whole number/],
    [{ count: '' }, /--count is a whole number/],
    [{ interval: '20' }, /not a duration: "20"/],
    [{ interval: '1ms' }, /--interval is from 2ms/],
    [{ timeout: '1e3s' }, /not a duration/],
    [{ timeout: '11m' }, /--timeout is from/],
    [{ wait: '-1s' }, /not a duration/],
    [{ proto: 'sctp' }, /--proto is one of icmp, tcp/],
    [{ size: '70000' }, /--size is at most/],
    [{ mark: '4294967296' }, /--mark is at most/],
    [{ sourcePort: '0' }, /--source-port is at least 1/],
    [{ sourcePort: '45454' }, /--source-port sends one datagram/],
    [{ sourcePort: '45454', count: '1', inbound: true }, /--source-port is for a probe of ours/],
    [{ 4: true, 6: true }, /-4 and -6 exclude/],
  ])('refuse %j', (options, message) => {
    const error = refusal(() => settings(options));
    expect(error.message).toMatch(message);
    expect(error.exitCode).toBe(2);
  });
});

describe('display options', () => {
  test('--json is the format json', () => {
    expect(displayFrom({ json: true }).format).toBe('json');
    expect(displayFrom({ output: 'ndjson' }).format).toBe('ndjson');
    expect(displayFrom({}).format).toBe('text');
  });

  test.each([
    [{ json: true, output: 'text' }, /exclude each other/],
    [{ quiet: true, verbose: 1 }, /exclude each other/],
    [{ output: 'html' }, /--output is one of/],
    [{ failOn: 'none' }, /--fail-on is one of/],
  ])('refuse %j', (options, message) => {
    expect(refusal(() => displayFrom(options)).message).toMatch(message);
  });
});

test('an age is a duration', () => {
  expect(ageFrom('14d')).toBe(14 * 24 * 3600 * 1000);
  expect(refusal(() => ageFrom('two weeks')).exitCode).toBe(2);
});
