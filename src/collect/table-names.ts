import type { Artifact } from '../model/artifact.js';
import type { NetnsRef } from '../model/netns.js';
import type { Argv, CollectOptions } from './collector.js';
import { runArtifact } from './run-artifact.js';

/**
 * The tables of a legacy back-end that a namespace has, as a file of the kernel lists them; empty where it has none. Where the
 * back-end is not loaded there is no such file.
 */
export const tableNames = async (netns: NetnsRef, argv: Argv, options: CollectOptions): Promise<Artifact<string>> => {
  const names = await runArtifact(netns, argv, options, (text) => text.trim());
  if (names.ok || names.reason !== 'failed' || !/No such file/.test(names.message)) return names;
  return { ok: true, value: '', command: names.command, ms: names.ms };
};
