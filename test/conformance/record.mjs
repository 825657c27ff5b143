// node test/conformance/record.mjs DIR FILE.jsonl.gz [N...]: keeps the cases of a run with --keep (all, or those named) so
// that they can be compared again without a kernel.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const [directory, file, ...wanted] = process.argv.slice(2);
const NETWORK = ['routes', 'rules', 'rules6', 'links', 'addresses', 'ports', 'fdb', 'sysctls', 'ipsets'];
const CASE = ['legacy', 'legacy6', 'nft', 'nft6', 'json', 'chains', 'ebtables', 'seen', 'errors'];
/** Settings that the walk looks at; all others only make the recording large. */
const SETTING =
  /(rp_filter|[/]forwarding|accept_local|src_valid_mark|send_redirects|route_localnet|linkdown|bridge-nf-call-ip6?tables):/;

const numbers = readdirSync(directory)
  .map(Number)
  .filter((number) => !Number.isNaN(number))
  .sort((one, other) => one - other);
let network = null;
const lines = [];
for (const number of numbers) {
  const text = (name) => readFileSync(join(directory, String(number), name), 'utf8');
  if (!existsSync(join(directory, String(number), 'errors'))) continue;
  const { network: own, ...rest } = JSON.parse(text('case.json'));
  if (own !== null) {
    network = Object.fromEntries(NETWORK.map((name) => [name, text(name)]));
    network.sysctls = network.sysctls
      .split('\n')
      .filter((line) => SETTING.test(line))
      .join('\n');
  }
  if (wanted.length > 0 && !wanted.includes(String(number))) continue;
  const files = Object.fromEntries(CASE.map((name) => [name, text(name)]));
  lines.push(JSON.stringify({ case: { ...rest, rulesets: {}, network: null }, network, files }));
}
writeFileSync(file, gzipSync(`${lines.join('\n')}\n`, { level: 9 }));
process.stdout.write(`${lines.length} cases\n`);
