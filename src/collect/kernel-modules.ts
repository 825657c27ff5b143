import { release } from 'node:os';
import type { CommandRunner } from '../host/command-batch.js';
import type { Artifact } from '../model/artifact.js';
import type { Argv, CollectOptions } from './collector.js';
import { runArtifact } from './run-artifact.js';

/** Modules are the kernel's, not a namespace's. */
export const WHOLE_KERNEL = { id: 'host', path: '' };

/** Modules that are loaded. A kernel that cannot load any has no such file. */
export const LOADED: Argv = ['cat', '/proc/modules'];

/** @see https://docs.kernel.org/kbuild/kbuild.html, "modules.builtin" */
const BUILT_IN: Argv = ['cat', `/lib/modules/${release()}/modules.builtin`];

export const MODULE_COMMANDS: readonly Argv[] = [LOADED, BUILT_IN];

/** What is built in, for each runner: it is read once. */
const builtIn = new WeakMap<CommandRunner, Promise<Artifact<string>>>();

/** Whether one of these modules is loaded or built in; `null` where the kernel knows no modules, and may have all. */
export const hasModule = async (names: readonly string[], options: CollectOptions): Promise<boolean | null> => {
  const loaded = await read(LOADED, options);
  if (!loaded.ok) return null;
  const either = names.join('|');
  if (new RegExp(`^(?:${either}) `, 'm').test(loaded.value)) return true;
  const { run } = options;
  const reading = (run && builtIn.get(run)) ?? read(BUILT_IN, options);
  if (run) builtIn.set(run, reading);
  const list = await reading;
  return list.ok && new RegExp(`/(?:${either})\\.ko$`, 'm').test(list.value);
};

const read = (argv: Argv, options: CollectOptions): Promise<Artifact<string>> =>
  runArtifact(WHOLE_KERNEL, argv, options, (text) => text);
