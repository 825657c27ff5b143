import { describe, expect, test } from 'vitest';
import { cli, temporaryFolder } from '../helpers/cli.js';
import { smallRun } from '../helpers/small-run.js';
import { expectClearError } from '../helpers/trace.js';

describe('wrong usage is one clear line with a hint, and exit code 2', () => {
  test.each([
    [['trace'], /missing required argument 'target'/],
    [['trace', 'net1'], /missing required argument 'destination'/],
    [['trace', 'net1', '203.0.113.5', 'more'], /too many arguments/],
    [['watch', 'net1'], /missing required argument 'destination'/],
    [['watch', 'net1', '203.0.113.5', '--max-duration', '0s'], /--max-duration is from 1s/],
    [['trace', 'net1', '203.0.113.5', '--theme', 'pink'], /--theme is one of/],
    [['trace', 'net1', '203.0.113.5', '--jsno'], /unknown option '--jsno'/],
    [['trcae'], /unknown command 'trcae'/],
    [['lab', 'brake'], /unknown command 'brake'/],
    [['trace', 'net1', '203.0.113.5', '--count', 'x'], /--count is a whole number/],
    [['trace', 'net1', '203.0.113.5', '-o', 'pdf'], /--output is one of/],
    [['show', 'no-such-run'], /no stored run/],
    [['show', './absent.json'], /cannot read \.\/absent\.json/],
    [['explain', 'V9999'], /no code or cause/],
    [['lab', 'run', 'host-ip-forward'], /no fault/],
    [['lab', 'up', 'textbok'], /no network/],
    [['lab', 'up', '--name', '../x'], /not a lab name/],
    [['runs', 'prune', '--older-than', 'yesterday'], /not a duration/],
  ])('%j', async (args, message) => {
    const result = await cli(args, { env: { XDG_STATE_HOME: await temporaryFolder() } });
    expectClearError(result, 2);
    expect(result.stderr).toMatch(message);
    expect(result.stdout).toBe('');
  });

  test('a misspelt option or command gets a suggestion', async () => {
    expect((await cli(['trace', 'a', 'b', '--jsno'])).stderr).toMatch(/hint: .*--json/);
    expect((await cli(['trcae'])).stderr).toMatch(/hint: .*trace/);
    expect((await cli(['lab', 'run', 'host-ip-forward'])).stderr).toMatch(/hint: .*host-ip-forward-off/);
  });

  test.each([
    [[], /^Examples:/],
    [['lab'], /^Usage: vethoscope lab/],
  ])('no command at all shows the help on standard error: %j', async (args, message) => {
    const { exitCode, stdout, stderr } = await cli(args);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toMatch(message);
  });
});

test('with --json an error is JSON on standard output, and nothing else is there', async () => {
  const { exitCode, stdout, stderr } = await cli(['show', './absent.json', '--json']);
  expect(JSON.parse(stdout)).toMatchObject({ error: { exitCode: 2, message: expect.stringMatching(/absent/) } });
  expect({ exitCode, stderr }).toEqual({ exitCode: 2, stderr: '' });
});

test('help begins with examples and lists every command', async () => {
  const { exitCode, stdout } = await cli(['--help']);
  expect(exitCode).toBe(0);
  expect(stdout.indexOf('Examples:')).toBeLessThan(stdout.indexOf('Usage:'));
  for (const name of ['trace', 'watch', 'list', 'show', 'explain', 'doctor', 'runs', 'lab', 'version'])
    expect(stdout).toMatch(new RegExp(`^ {2}${name} `, 'm'));
});

test('the help of trace names its exit codes and the forms of a target', async () => {
  const { stdout } = await cli(['trace', '--help']);
  for (const word of ['netns:net1', 'tcp://', '--dry-run', '124 time-out']) expect(stdout).toContain(word);
});

test('the version is printed as text and as JSON', async () => {
  expect((await cli(['--version'])).stdout).toMatch(/^vethoscope \d+\.\d+\.\d+\n$/);
  expect(JSON.parse((await cli(['version', '--json'])).stdout)).toMatchObject({ name: 'vethoscope', runFormat: '1.0' });
});

describe('a run document', () => {
  test('is shown from standard input and from a file, with its exit code', async () => {
    const input = JSON.stringify(smallRun('3f9c'));
    const { exitCode, stdout, stderr } = await cli(['show', '-', '--json'], { input });
    expect(JSON.parse(stdout)).toEqual(smallRun('3f9c'));
    expect({ exitCode, stderr }).toEqual({
      exitCode: 0,
      stderr: 'this run has no evidence: its diagnosis is shown as it was stored\n',
    });
  });

  test.each(['', 'garbage', '{}', '[[[', '\u0000\u0001'])('that is %j is refused', async (input) => {
    expectClearError(await cli(['show', '-'], { input }), 2);
  });
});

test('doctor names every program and privilege, and says what is missing by its exit code', async () => {
  const { exitCode, stdout } = await cli(['doctor', '--json']);
  const found = JSON.parse(stdout);
  expect(found.tools.map((tool: { name: string }) => tool.name)).toEqual(
    expect.arrayContaining(['ip', 'tcpdump', 'nft']),
  );
  expect(found.privileges.capabilities).toHaveLength(4);
  expect([0, 69, 77]).toContain(exitCode);
});
