import { expect, test } from 'vitest';
import { collectNetns } from '../../../src/collect/index.js';
import type { CommandRunner } from '../../../src/host/command-batch.js';
import type { NetnsRef } from '../../../src/model/netns.js';
import type { ArtifactName } from '../../../src/model/state.js';

const HOST: NetnsRef = { id: 'host', name: 'host', path: '/proc/self/ns/net', inode: 1 };

/** A kernel whose commands print the given text; all others fail as those of absent files do. */
const kernel = (outputs: Readonly<Record<string, string>>) => {
  const asked: string[] = [];
  const run: CommandRunner = async (argv) => {
    const command = argv.join(' ').replace(/\/lib\/modules\/[^/]+/, '/lib/modules/N');
    asked.push(command);
    const stdout = outputs[command];
    return stdout === undefined
      ? { argv, exitCode: 1, stdout: '', stderr: `${argv[0]}: No such file or directory\n`, ms: 0, failure: 'exit' }
      : { argv, exitCode: 0, stdout, stderr: '', ms: 0, failure: null };
  };
  const read = async (name: ArtifactName) => {
    const artifact = await collectNetns(HOST, [name], { run })[name];
    return artifact.ok ? artifact.value : artifact.message;
  };
  return { asked, read };
};

const ARP = 'cat /proc/net/arp_tables_names';
const LOADED = 'cat /proc/modules';
const BUILT_IN = 'cat /lib/modules/N/modules.builtin';
const CONFIG = 'gzip -cd /proc/config.gz';

test('legacy arptables are read where the kernel lists a table, and not asked for where it lists none', async () => {
  const dump = '*filter\n:INPUT DROP\n';
  expect(await kernel({ [ARP]: 'filter\n', 'arptables-legacy-save -c': dump }).read('arptablesLegacy')).toBe(dump);
  for (const outputs of [{ [ARP]: '' }, {}]) {
    const { read, asked } = kernel({ ...outputs, 'arptables-legacy-save -c': dump });
    expect(await read('arptablesLegacy')).toBe('');
    expect(asked).toEqual([ARP]);
  }
});

test.each([
  ['a module that is loaded', { [LOADED]: 'ebtable_nat 16384 0 - Live 0x0\n' }, true],
  ['one that is built in', { [LOADED]: '', [BUILT_IN]: 'kernel/net/bridge/netfilter/ebtable_filter.ko\n' }, true],
  ['modules of other things', { [LOADED]: 'ebtables 1 0\n', [BUILT_IN]: 'kernel/net/ebtable_filter2.ko\n' }, false],
  ['a kernel without modules that has them', { [CONFIG]: 'CONFIG_BRIDGE_EBT_T_NAT=y\n' }, true],
  ['one that has none', { [CONFIG]: '# CONFIG_BRIDGE_EBT_T_NAT is not set\n' }, false],
  ['one that does not say', {}, true],
])('legacy ebtables of %s', async (_, outputs, areAsked) => {
  const { read, asked } = kernel({ ...outputs, 'ebtables-legacy-save': '*nat\n' });
  expect(await read('ebtablesLegacy')).toBe(areAsked ? '*nat\n' : '');
  expect(asked.includes('ebtables-legacy-save')).toBe(areAsked);
});

test('IPsec is not asked for where its module is neither loaded nor built in', async () => {
  const policies = { 'ip xfrm policy': '' };
  const absent = kernel({ ...policies, [LOADED]: 'xfrm_algo 1 0\n', [BUILT_IN]: 'kernel/net/xfrm/xfrm_algo.ko\n' });
  expect(await absent.read('xfrm')).toEqual({ policies: [], states: [] });
  expect(absent.asked).toEqual([LOADED, BUILT_IN]);
  for (const outputs of [{ [LOADED]: 'xfrm_user 1 0\n' }, { [LOADED]: '', [BUILT_IN]: 'x/xfrm_user.ko\n' }, {}]) {
    const { read, asked } = kernel({ ...policies, ...outputs });
    expect(await read('xfrm')).toEqual({ policies: [], states: [] });
    expect(asked).toContain('ip xfrm policy');
  }
});
