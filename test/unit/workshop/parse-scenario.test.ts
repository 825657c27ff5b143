import { readFileSync } from 'node:fs';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { loadScenarios, OWN_SCENARIOS } from '../../../src/workshop/load-scenarios.js';
import { errorText, parseScenario } from '../../../src/workshop/parse-scenario.js';
import { temporaryFolder } from '../../helpers/cli.js';

const CAUSES = new Set(['nf-missing-masquerade', 'host-ip-forward-off']);
const fixture = fileURLToPath(new URL('../../../fixtures/scenarios/errors-of-every-kind.yaml', import.meta.url));

const MINIMAL = `id: small
title: Small
level: 1
time: 5m
briefing: Nothing comes back.
topology: textbook
break:
  - fault: nf-missing-masquerade
symptom:
  - { ping: 203.0.113.5, expect: lost }
expect:
  - { cause: nf-missing-masquerade }
hints:
  - text: Look.
check:
  - { ping: 203.0.113.5, expect: answered }
solve:
  - run: "true"
debrief: That was it.
`;

const errorsOf = (text: string): readonly string[] => parseScenario('a.yaml', text, CAUSES).errors.map(errorText);

describe('a scenario file', () => {
  test('that is right becomes a scenario with its defaults', () => {
    expect(parseScenario('a.yaml', MINIMAL, CAUSES)).toMatchObject({
      errors: [],
      scenario: {
        id: 'small',
        timeMs: 300_000,
        order: null,
        topology: 'textbook',
        symptom: [{ kind: 'ping', to: '203.0.113.5', from: 'net1', expect: 'lost', df: false, count: 2 }],
        solve: [{ netns: 'host', commands: ['true'] }],
        collateral: [],
        file: 'a.yaml',
      },
    });
  });

  test('with errors of every kind gives one clear line each, all in one go', () => {
    const { errors } = parseScenario('bad.yaml', readFileSync(fixture, 'utf8'), CAUSES);
    const lines = errors.map(errorText);
    expect(lines).toMatchInlineSnapshot(`
      [
        "bad.yaml:1: id: is made of small letters, digits and hyphens, at most 32",
        "bad.yaml:1: title: is missing",
        "bad.yaml:1: debrief: is missing",
        "bad.yaml:2: level: is at most 5",
        "bad.yaml:3: unknown key "levle"; did you mean level?",
        "bad.yaml:4: time: is a time such as 30s or 8m",
        "bad.yaml:5: order: is not a number",
        "bad.yaml:6: teaches[0]: unknown cause "nf-missing-masquerad"; did you mean nf-missing-masquerade?",
        "bad.yaml:7: briefing: is empty",
        "bad.yaml:8: topology: unknown network "textbok"; did you mean textbook?",
        "bad.yaml:10: services[0].tcp: is at most 65535",
        "bad.yaml:11: services[1]: a service has one of tcp, echo, dns",
        "bad.yaml:13: prepare[0].run: is empty",
        "bad.yaml:15: break[0].fault: unknown fault "nf-missing-masqurade"; did you mean nf-missing-masquerade?",
        "bad.yaml:17: break[1]: unknown key "netns"",
        "bad.yaml:18: break[2]: what is broken has one of fault, run, not fault and run",
        "bad.yaml:20: symptom[0].expect: is one of answered, lost, partly",
        "bad.yaml:21: symptom[1].tcp: is an address and a port, such as 203.0.113.5:80",
        "bad.yaml:22: symptom[2]: a probe has one of ping, tcp, dns, setting, run",
        "bad.yaml:24: expect[0].cause: unknown cause "nf-nothing"",
        "bad.yaml:24: expect[0].link: has 2 entries",
        "bad.yaml:24: expect[0].direction: is one of forward, return",
        "bad.yaml:26: steps[0]: a step says or asks something",
        "bad.yaml:27: steps[1]: a step that changes something has a command",
        "bad.yaml:28: steps[2]: traffic runs beside a command",
        "bad.yaml:29: steps[3]: an answer belongs to a question",
        "bad.yaml:31: hints[0].when.tried: is no regular expression",
        "bad.yaml:31: hints[0].when.after: is a time such as 30s or 8m",
        "bad.yaml:32: hints[1]: unknown key "whne"; did you mean when?",
        "bad.yaml:33: check: has one probe at least",
        "bad.yaml:34: collateral[0]: is one of forward-accept-all, table-flushed, rules-deleted, rp-filter-off, masquerade-all, route-deleted, address-changed",
        "bad.yaml:36: solve[0].netns: names no namespace",
      ]
    `);
    for (const line of lines) expect(line).toMatch(/^bad\.yaml:\d+: [^\n]+$/);
  });

  test.each<[string, (text: string) => string, readonly string[]]>([
    [
      'nothing broken',
      (text) => text.replace(/break:\n.*\n/, ''),
      ['a.yaml:1: break: is missing, and the network is whole'],
    ],
    [
      'no cause',
      (text) => text.replace(/expect:\n.*\n/, ''),
      ['a.yaml:1: expect: is missing: what a trace has to say'],
    ],
    [
      'no solution',
      (text) => text.replace(/solve:\n.*\n/, ''),
      ['a.yaml:1: solve: is missing, and no step changes anything'],
    ],
    [
      'a fault of another network',
      (text) => text.replace('fault: nf-missing-masquerade', 'fault: br-port-isolated'),
      ['a.yaml:8: break[0].fault: the fault is made for the network two-containers, not textbook'],
    ],
    ['a key twice', (text) => text.replace('level: 1', 'level: 1\nlevel: 2'), ['a.yaml:4: Map keys must be unique']],
    [
      'broken syntax',
      (text) => text.replace('{ ping: 203.0.113.5, expect: lost }', '{ ping: ['),
      [
        'a.yaml:11: Flow sequence in block collection must be sufficiently indented and end with a ]',
        'a.yaml:11: Flow map in block collection must be sufficiently indented and end with a }',
      ],
    ],
    [
      'an alias',
      (text) => text.replace('text: Look.', 'text: &a Look.').replace('debrief: That was it.', 'debrief: *a'),
      ['a.yaml:1: anchors and aliases are not allowed'],
    ],
    [
      'a tag',
      (text) => text.replace('level: 1', 'level: !!js/function x'),
      [expect.stringMatching(/^a\.yaml:3: Unresolved tag/)],
    ],
    ['__proto__', (text) => `${text}__proto__: { id: x }\n`, ['a.yaml:20: unknown key "__proto__"']],
    [
      'several documents',
      (text) => `${text}---\n${text}`,
      [expect.stringMatching(/^a\.yaml:\d+: Source contains multiple documents/)],
    ],
    ['a scalar', () => 'hello', [expect.stringMatching(/^a\.yaml:1: is not a mapping/)]],
    ['nothing', () => ' \n', ['a.yaml:1: the file is empty']],
    ['binary', () => `id: a\ntitle: \u0000\u0001`, ['a.yaml:2: this is no text: it has control characters']],
    ['depth', () => `id: ${'['.repeat(5000)}`, ['a.yaml:1: the file is nested more than 20 deep']],
    [
      'depth by indents',
      () => Array.from({ length: 2000 }, (_, n) => `${' '.repeat(n)}a:`).join('\n'),
      ['a.yaml:1: the file is nested more than 20 deep'],
    ],
    ['depth by dashes', () => `a:\n${'- '.repeat(3000)}x`, ['a.yaml:1: the file is nested more than 20 deep']],
  ])('with %s has one line for each error', (_, change, lines) => {
    expect(errorsOf(change(MINIMAL))).toEqual(lines);
  });
});

describe('a folder', () => {
  test('brings its right scenarios in the order of the course, and one line for each file that is wrong', async () => {
    const folder = await temporaryFolder();
    const write = (name: string, text: string | Buffer) => writeFile(join(folder, name), text);
    await write('a.yaml', MINIMAL.replace('id: small', 'id: late\norder: 2'));
    await write('b.yaml', MINIMAL.replace('id: small', 'id: early\norder: 1'));
    await write('c.yml', MINIMAL);
    await write('d.yaml', MINIMAL);
    await write('e.yaml', Buffer.from([0xff, 0xfe, 0x00, 0x80]));
    await write('f.yaml', `# ${'x'.repeat(70_000)}`);
    await write('notes.txt', 'not a scenario');
    await mkdir(join(folder, 'g.yaml'));
    await symlink('/etc/hostname', join(folder, 'h.yaml'));
    const { scenarios, errors } = await loadScenarios(folder, CAUSES);
    expect(scenarios.map(({ id }) => id)).toEqual(['early', 'late', 'small']);
    expect(errors.map((error) => errorText(error).replace(`${folder}/`, ''))).toEqual([
      'd.yaml:1: id: small is used in c.yml too',
      'e.yaml:1: this is no text: it has control characters',
      'f.yaml:1: cannot be read: larger than 65536 bytes',
    ]);
  });

  test.each([
    ['is not there', '/nonexistent/folder', /there is no scenario in this folder/],
    ['is a file', fixture, /the folder cannot be read: ENOTDIR/],
  ])('that %s is one error', async (_, folder, message) => {
    const { scenarios, errors } = await loadScenarios(folder, CAUSES);
    expect(scenarios).toEqual([]);
    expect(errors.map(({ message: text }) => text)).toEqual([expect.stringMatching(message)]);
  });
});

test('the scenarios of the program are right, and each has a name, a title and a place in the course of its own', async () => {
  const { scenarios, errors } = await loadScenarios(OWN_SCENARIOS, {
    has: () => true,
  } as unknown as ReadonlySet<string>);
  expect(errors).toEqual([]);
  expect(scenarios.map(({ file }) => basename(file, '.yaml'))).toEqual(scenarios.map(({ id }) => id));
  for (const values of [scenarios.map(({ order }) => order), scenarios.map(({ title }) => title)])
    expect(new Set<string | number | null>(values).size).toBe(scenarios.length);
  expect(scenarios.map(({ order }) => order)).not.toContain(null);
  for (const { briefing, debrief, hints, steps } of scenarios)
    for (const text of [briefing, debrief, ...hints.map((hint) => hint.text), ...steps.map((step) => step.say ?? '')])
      for (const line of text.split('\n')) expect(line.length, line).toBeLessThanOrEqual(100);
});
