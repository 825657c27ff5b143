// Records the rulesets of test/record/composed, which were composed from documentation: loads each into a network namespace
// of its own, with each back-end of iptables, and dumps it there. Needs root, iptables, nftables and ipset.
//   node test/record/record-composed.mjs [NAME …]
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const sources = fileURLToPath(new URL('composed/', import.meta.url));
const folder = fileURLToPath(new URL('../../fixtures/rulesets/composed/', import.meta.url));

/** Runs a script in a network namespace that vanishes with it. */
const inNamespace = (script) => {
  const { status, stdout, stderr } = spawnSync('unshare', ['--net', 'bash', '-ec', script], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${script}: ${stderr}`);
  return stdout;
};

const dump = (name, end, script) => writeFileSync(`${folder}${name}.${end}`, inNamespace(script));

const wanted = process.argv.slice(2);
const names = new Set(readdirSync(sources).map((file) => file.replace(/\.\w+$/, '')));
for (const name of [...names].filter((one) => wanted.length === 0 || wanted.includes(one))) {
  const source = (end) => `${sources}${name}.${end}`;
  const sets = existsSync(source('ipset')) ? `ipset restore <${source('ipset')};` : '';
  if (sets !== '') dump(name, 'ipset', `${sets} ipset save`);
  if (existsSync(source('nft'))) {
    dump(name, 'json', `nft -f ${source('nft')}; nft -j list ruleset`);
    dump(name, 'nft', `nft -f ${source('nft')}; nft list ruleset`);
  } else {
    const load = (backend) => `${sets} iptables-${backend}-restore <${source('rules')};`;
    dump(name, 'nft.save', `${load('nft')} iptables-nft-save -c`);
    dump(name, 'json', `${load('nft')} nft -j list ruleset`);
    dump(name, 'legacy.save', `${load('legacy')} iptables-legacy-save -c`);
  }
  process.stdout.write(`${name}: ${readFileSync(`${folder}${name}.json`).length} bytes of JSON\n`);
}
