import { cp, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../helpers/cli.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

const SCRIPT = `
import { ParseError, parseIptablesSave, renderIptablesSave, stateFrom, walk } from 'vethoscope';
const save = ['*filter', ':INPUT ACCEPT [0:0]', ':FORWARD DROP [0:0]', ':OUTPUT ACCEPT [0:0]',
  '[5:420] -A FORWARD -i br0 -p tcp -m tcp --dport 443 -j ACCEPT', 'COMMIT', ''].join('\\n');
const { state } = stateFrom({ iptables: save, routes: JSON.stringify([{ dst: 'default', gateway: '198.51.100.1', dev: 'eth0' }]) });
const packet = { protocol: 'tcp', source: '192.168.0.2', destination: '203.0.113.5', destinationPort: 443, iif: 'br0' };
const allowed = walk(state, packet);
const refused = walk(state, { ...packet, destinationPort: 80 });
let line = null;
try { parseIptablesSave('rubbish'); } catch (error) { if (error instanceof ParseError) line = error.line; }
console.log(JSON.stringify({
  roundTrip: renderIptablesSave(parseIptablesSave(save)) === save,
  allowed: allowed.phases.find((phase) => phase.title === 'FORWARD').rule,
  refused: [refused.verdict, refused.conclusion.title],
  line,
}));
`;

test('the built package walks a packet for another program', async () => {
  const folder = await temporaryFolder();
  const own = join(folder, 'node_modules/vethoscope');
  await mkdir(own, { recursive: true });
  await cp(join(root, 'dist'), join(own, 'dist'), { recursive: true });
  await cp(join(root, 'package.json'), join(own, 'package.json'));
  await symlink(join(root, 'node_modules'), join(own, 'node_modules'));
  await writeFile(join(folder, 'use.mjs'), SCRIPT);
  const { stdout } = await execa(process.execPath, ['use.mjs'], { cwd: folder });
  expect(JSON.parse(stdout)).toEqual({
    roundTrip: true,
    allowed: {
      backend: 'nft',
      family: 'ip',
      table: 'filter',
      chain: 'FORWARD',
      index: 1,
      handle: null,
      text: '-A FORWARD -i br0 -p tcp -m tcp --dport 443 -j ACCEPT',
      packets: 5,
    },
    refused: ['dropped', 'dropped at FORWARD of host: policy DROP'],
    line: 1,
  });
});
