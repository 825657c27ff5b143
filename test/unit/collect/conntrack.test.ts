import { expect, test } from 'vitest';
import { conntrack } from '../../../src/collect/conntrack.js';
import type { CommandRunner } from '../../../src/host/command-batch.js';
import type { NetnsRef } from '../../../src/model/netns.js';

const HOST: NetnsRef = { id: 'host', name: 'host', path: '/proc/self/ns/net', inode: 1 };
const FLOW = { family: 4, protocol: 'icmp', source: '192.0.2.1', destination: '192.0.2.2' } as const;
const LISTED =
  'ipv4     2 icmp     1 29 src=192.0.2.1 dst=192.0.2.2 type=8 code=0 id=7 src=192.0.2.2 dst=192.0.2.1 type=0 code=0 id=7 mark=0 use=1 id=99\n';

/** Collects where the table holds so many connections; `''` where the kernel does not say. */
const collect = async (count: string) => {
  const asked: string[] = [];
  const run: CommandRunner = async (argv) => {
    asked.push(argv[0] ?? '');
    const key = '/proc/sys/net/netfilter/nf_conntrack_';
    const fill = count === '' ? '' : `${key}count:${count}\n${key}max:262144\n`;
    return { argv, exitCode: 0, stdout: argv[0] === 'grep' ? fill : LISTED, stderr: '', ms: 1, failure: null };
  };
  return { artifact: await conntrack.collect(HOST, { flow: FLOW, run }), asked };
};

test('where no connection is followed, none is asked for', async () => {
  const { artifact, asked } = await collect('0');
  expect(asked).toEqual(['grep']);
  expect(artifact).toMatchObject({ ok: true, value: { entries: [], count: 0, max: 262_144 } });
});

test.each(['1', ''])('where %j are followed, those of the flow are asked for', async (count) => {
  const { artifact, asked } = await collect(count);
  expect(asked).toEqual(['grep', 'conntrack', 'conntrack']);
  expect(artifact.ok && artifact.value.entries).toHaveLength(1);
});
