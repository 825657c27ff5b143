// Records the rulesets that the managers of firewalls and container networks make, each really run on a host of its own in
// namespaces, for the round trip of the parsers. Needs root and the programs; what is not installed is left out.
//   node test/record/record-managers.mjs [NAME …]
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const host = fileURLToPath(new URL('../helpers/host-in-netns.sh', import.meta.url));
const helpers = fileURLToPath(new URL('../helpers/trace-lines.sh', import.meta.url));
const folder = fileURLToPath(new URL('../../fixtures/rulesets/managers/', import.meta.url));

const BRIDGE = `
ip link add br0 type bridge; ip address add 192.168.0.1/24 dev br0; ip link set br0 up
sysctl -qw net.ipv4.ip_forward=1
`;

const FIREWALLD = `${BRIDGE}
dbus-daemon --system --fork --nopidfile
firewalld --nofork --nopid >/dev/null 2>&1 &
until firewall-cmd --state >/dev/null 2>&1; do sleep 0.1; done
`;

const CNI = `
cat >$LAB/one.conflist <<'C'
{"cniVersion":"0.4.0","name":"lab","ports":[{"hostPort":8080,"containerPort":80,"protocol":"tcp"}],"plugins":[
 {"type":"bridge","bridge":"cni0","isGateway":true,"ipMasq":true,"hairpinMode":true,"ipam":{"type":"host-local","ranges":[[{"subnet":"10.22.0.0/24"}]],"routes":[{"dst":"0.0.0.0/0"}]}},
 {"type":"portmap","capabilities":{"portMappings":true}},{"type":"firewall"}]}
C
cat >$LAB/two.conflist <<'C'
{"cniVersion":"0.4.0","name":"point","plugins":[{"type":"ptp","ipMasq":true,"ipam":{"type":"host-local","ranges":[[{"subnet":"10.23.0.0/24"}]],"routes":[{"dst":"0.0.0.0/0"}]}},{"type":"firewall"}]}
C
add() { ip netns add $1; ip -n $1 link set lo up; cni ADD $1 $LAB/$2.conflist >/dev/null; }
`;

/** Two states of each: as it comes, and with what its users make of it. */
const MANAGERS = {
  'firewalld-default': FIREWALLD,
  'firewalld-zones': `${FIREWALLD}
firewall-cmd --zone=trusted --add-interface=br0
firewall-cmd --zone=public --add-interface=eth0
firewall-cmd --zone=public --add-service=http
firewall-cmd --zone=public --add-masquerade
firewall-cmd --zone=public --add-forward-port=port=8080:proto=tcp:toport=80:toaddr=192.168.0.2
firewall-cmd --zone=public --add-rich-rule='rule family="ipv4" source address="198.51.100.0/24" log prefix="seen" level="info" drop'
`,
  'ufw-default': `${BRIDGE}
sed -i 's/^IPT_SYSCTL.*/IPT_SYSCTL=/' /etc/default/ufw
ufw --force enable`,
  'ufw-rules': `${BRIDGE}
sed -i 's/^IPT_SYSCTL.*/IPT_SYSCTL=/' /etc/default/ufw
ufw --force enable
ufw allow 22/tcp comment 'a "way" in'
ufw limit 2222/tcp
ufw deny from 198.51.100.0/24 to any port 25 proto tcp
ufw route allow in on br0 out on eth0`,
  'podman-published': `podman_lab
podman run -d --name pod1 -p 8080:80 busybox:lab sleep 600`,
  'podman-two-networks': `podman_lab
podman network create --internal inner
podman run -d --name pod1 --network inner busybox:lab sleep 600
podman run -d --name pod2 -p 127.0.0.1:8443:443 -p 5353:53/udp busybox:lab sleep 600`,
  'cni-bridge': `${CNI}
add c1 one`,
  'cni-bridge-and-ptp': `${CNI}
add c1 one
add c2 two`,
};

const DUMPS = `
for each in iptables:nft.save:iptables-nft-save ip6tables:nft6.save:ip6tables-nft-save; do
  file=$(echo $each | cut -d: -f2); program=$(echo $each | cut -d: -f3)
  $program -c >$OUT.$file 2>/dev/null || true
  grep -q '^-A\\|^\\[' $OUT.$file || rm -f $OUT.$file
done
[ -z "$(cat /proc/net/ip_tables_names)" ] || iptables-legacy-save -c >$OUT.legacy.save
nft -j list ruleset >$OUT.json
[ -e $OUT.nft.save ] || [ -e $OUT.nft6.save ] || nft list ruleset >$OUT.nft
`;

mkdirSync(folder, { recursive: true });
const wanted = process.argv.slice(2);
for (const [name, script] of Object.entries(MANAGERS).filter(([one]) => wanted.length === 0 || wanted.includes(one))) {
  const whole = `set -eu\nWORDS=true\n. ${helpers}\n{ ${script}\n } >&2\nOUT=${folder}${name}\n${DUMPS}`;
  const { status, stderr } = spawnSync('bash', [host, 'bash', '-c', whole], { encoding: 'utf8', timeout: 120_000 });
  process.stdout.write(`${name}: ${status === 0 ? 'recorded' : `not recorded: ${stderr.trim().split('\n').at(-1)}`}\n`);
}
