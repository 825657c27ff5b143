// Installs what the tests need (with --demo: what the demo needs): Debian packages as root, npm packages always.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { getuid } from 'node:process';
import { fileURLToPath } from 'node:url';
import { PROGRAMS } from './packages.mjs';

const MISSING_PROGRAM = 69;
const root = fileURLToPath(new URL('../..', import.meta.url));
const demo = process.argv.includes('--demo');
const path = `${process.env.PATH ?? ''}:/usr/local/sbin:/usr/sbin:/sbin`;

const isInstalled = (program) =>
  program.startsWith('/')
    ? existsSync(program)
    : path.split(delimiter).some((folder) => {
        try {
          accessSync(join(folder, program), constants.X_OK);
          return folder !== '';
        } catch {
          return false;
        }
      });

const fail = (text, code) => {
  process.stderr.write(`error: ${text}\n`);
  process.exit(code);
};

/** Output goes to standard error: standard output belongs to what runs afterwards. */
const run = (file, args) =>
  spawnSync(file, args, {
    cwd: root,
    stdio: ['ignore', 2, 2],
    env: { ...process.env, PATH: path, DEBIAN_FRONTEND: 'noninteractive' },
  }).status === 0;

/** Asked by every package that would start its daemon; 101 forbids it. @see invoke-rc.d(8), "INTERFACE AND POLICY-RC.D" */
const POLICY = '/usr/sbin/policy-rc.d';

/** Installs without starting a daemon of what is installed: the tests start their own, in namespaces of theirs. */
const withoutDaemons = (install) => {
  if (existsSync(POLICY)) return install();
  writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    return install();
  } finally {
    rmSync(POLICY, { force: true });
  }
};

const installDebianPackages = () => {
  const missing = PROGRAMS.filter((entry) => (entry.demo || !demo) && !isInstalled(entry.program));
  const packages = [...new Set(missing.map((entry) => entry.package))].sort();
  if (packages.length === 0) return;
  const line = `apt-get install -y --no-install-recommends ${packages.join(' ')}`;
  const programs = missing.map((entry) => entry.program).join(', ');
  if (getuid() !== 0) fail(`missing programs: ${programs}\nhint: sudo ${line}`, MISSING_PROGRAM);
  if (!isInstalled('apt-get')) fail(`missing programs: ${programs}, and there is no apt-get here`, MISSING_PROGRAM);
  const [file, ...args] = line.split(' ');
  if (withoutDaemons(() => run(file, args) || (run('apt-get', ['update']) && run(file, args)))) return;
  fail(`could not install: ${packages.join(' ')}`, MISSING_PROGRAM);
};

const installNpmPackages = () => {
  const { dependencies, devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const names = Object.keys({ ...dependencies, ...devDependencies });
  if (names.every((name) => existsSync(join(root, 'node_modules', name, 'package.json')))) return;
  // Not `npm ci`: it refuses a lock file that lacks the optional packages of other platforms, as registries may lack them.
  if (!run('npm', ['install', '--no-save', '--ignore-scripts'])) fail('npm install failed', 1);
};

installDebianPackages();
installNpmPackages();
