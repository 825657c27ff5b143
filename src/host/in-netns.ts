import type { NetnsRef } from '../model/netns.js';

/**
 * The command that runs `argv` in a network namespace: that namespace only, never the container's filesystem or
 * binaries. In our own namespace (`host`) the command is unchanged.
 * @see nsenter(1)
 */
export const inNetns = (netns: Pick<NetnsRef, 'id' | 'path'>, argv: readonly string[]): readonly string[] =>
  netns.id === 'host' ? argv : ['nsenter', `--net=${netns.path}`, '--', ...argv];
