// Records the rulesets of software of several releases of Debian, each really run with its own release's programs as the
// whole file system, on a host of its own in namespaces. Needs root, and an archive that has these releases.
//   node test/record/record-debian.mjs FOLDER [NAME …]
// FOLDER keeps the unpacked releases (2 GB); they are made where they are missing.
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const folder = here('../../fixtures/rulesets/debian/');

const RELEASES = {
  bookworm: [
    'docker.io',
    'libvirt-daemon-system',
    'libvirt-clients',
    'dnsmasq-base',
    'python3-neutron',
    'lxd',
    'lxd-client',
  ],
  trixie: [
    'docker.io',
    'docker-cli',
    'incus-base',
    'incus-client',
    'libvirt-daemon-system',
    'libvirt-clients',
    'dnsmasq-base',
    'podman',
    'netavark',
    'runc',
  ],
  sid: ['docker.io', 'docker-cli', 'containernetworking-plugins', 'firewalld', 'dbus', 'jq'],
};

const LEGACY = `
for name in iptables ip6tables; do for end in '' -save -restore; do ln -sf $name-legacy$end /usr/sbin/$name$end; done; done
`;

const dockerd = (options) => `
mkdir -p /tmp/image/bin /var/lib/docker; cp /usr/local/bin/busybox /tmp/image/bin/
for applet in sh sleep; do ln -sf busybox /tmp/image/bin/$applet; done
dockerd --storage-driver=vfs ${options} >/tmp/dockerd.log 2>&1 &
for _ in {1..300}; do docker info >/dev/null 2>&1 && break; kill -0 $! || { tail /tmp/dockerd.log; exit 1; }; sleep 0.1; done
busybox tar -C /tmp/image -c . | docker import - busybox:lab
run() { docker run -d "$@" busybox:lab sleep 600; }
`;

/** A bridge with a published container; one more with an internal network and ports of one address, of UDP and of a range. */
const PUBLISHED = `run --name web -p 8080:80`;
const NETWORKS = `
docker network create --subnet 172.20.0.0/24 -o com.docker.network.bridge.name=br-front front
docker network create --subnet 172.21.0.0/24 -o com.docker.network.bridge.name=br-back --internal back
docker network create --subnet 172.22.0.0/24 -o com.docker.network.bridge.name=br-mute -o com.docker.network.bridge.enable_icc=false mute
run --name front --network front --ip 172.20.0.2 -p 127.0.0.1:8443:443 -p 5353:53/udp -p 9000-9001:9000-9001
run --name back --network back --ip 172.21.0.2
run --name mute --network mute --ip 172.22.0.2 -p 8081:80`;

const VIRT = `
mkdir -p /run/libvirt /var/lib/libvirt/{network,dnsmasq} /etc/libvirt/qemu/networks
virtlogd -d; libvirtd >/tmp/libvirtd.log 2>&1 &
for _ in {1..100}; do virsh -c network:///system net-list >/tmp/virsh.log 2>&1 && break; sleep 0.1; done; cat /tmp/virsh.log
network() {
  cat >/tmp/$1.xml <<X
<network><name>$1</name>$2<bridge name="$3" stp="on" delay="0"/><ip address="$4" netmask="255.255.255.0"/></network>
X
  virsh -c network:///system net-create /tmp/$1.xml
}
`;
const VIRT_NETWORKS = `
network natted '<forward mode="nat" dev="eth0"/>' virbr1 192.168.122.1
network routed '<forward mode="route" dev="eth0"/>' virbr2 192.168.123.1
network lonely '' virbr3 192.168.124.1`;

/** This kernel has no action csum of tc, with which libvirt fills in checksums of DHCP beside its rules. */
const NFTABLES = `
echo 'firewall_backend = "nftables"' >/etc/libvirt/network.conf
ln -sf /bin/true /usr/sbin/tc; ln -sf /bin/true /sbin/tc
`;

const container = (daemon, client, group) => `
mkdir -p /var/lib/${client} /var/log/${client} /run/${client}
${daemon} --group ${group} >/tmp/daemon.log 2>&1 &
${daemon} waitready --timeout=60 || { tail /tmp/daemon.log; exit 1; }
`;
const ONE_BRIDGE = 'ipv4.address=10.158.1.1/24 ipv4.nat=true ipv6.address=none';
const MORE_BRIDGES = (client) => `
${client} network create open0 ipv4.address=10.158.2.1/24 ipv4.nat=false ipv6.address=2001:db8:2::1/64 ipv6.nat=false
${client} network create snat0 ipv4.address=10.158.3.1/24 ipv4.nat=true ipv4.nat.address=198.51.100.10 ipv6.address=none
${client} network forward create snat0 198.51.100.10
${client} network forward port add snat0 198.51.100.10 tcp 8080 10.158.3.2 80`;

const NEUTRON = `
sysctl -qw net.bridge.bridge-nf-call-iptables=1 || true
`;

const PODMAN = `
mkdir -p /etc/containers /tmp/image/bin; cp /usr/local/bin/busybox /tmp/image/bin/; ln -s busybox /tmp/image/bin/sleep
printf '[storage]\\ndriver = "vfs"\\nrunroot = "/run/containers/storage"\\ngraphroot = "/var/lib/containers/storage"\\n' >/etc/containers/storage.conf
printf '[engine]\\nruntime = "runc"\\ncgroup_manager = "cgroupfs"\\nevents_logger = "file"\\n[containers]\\nlog_driver = "k8s-file"\\ndefault_ulimits = ["nofile=1024:1024", "nproc=1000:1000"]\\n' >/etc/containers/containers.conf
printf '{"default":[{"type":"insecureAcceptAnything"}]}' >/etc/containers/policy.json
busybox tar -C /tmp/image -c . | podman import - busybox:lab
run() { podman run -d "$@" busybox:lab sleep 600; }
`;

/** `plugin TYPE CONFIG`: an ADD with the result of the plugin before it, as a container runtime does. */
const CNI = `
export CNI_COMMAND=ADD CNI_CONTAINERID=c1 CNI_NETNS=/run/netns/c1 CNI_IFNAME=eth0 CNI_PATH=/usr/lib/cni
ip netns add c1; ip -n c1 link set lo up
result=null
plugin() {
  result=$(jq -n --argjson before "$result" --arg type "$1" --argjson own "$2" \
    '{cniVersion: "1.0.0", name: "lab", type: $type} + $own + (if $before == null then {} else {prevResult: $before} end)' | /usr/lib/cni/$1)
}
`;

const FIREWALLD = `
mkdir -p /run/dbus /var/lib/dbus; printf 'messagebus:x:990:990::/nonexistent:/usr/sbin/nologin\\n' >>/etc/passwd
printf 'messagebus:x:990:\\n' >>/etc/group; printf '0123456789abcdef0123456789abcdef' >/etc/machine-id
dbus-daemon --system --fork --nopidfile
firewalld --nofork --nopid >/tmp/firewalld.log 2>&1 &
for _ in {1..300}; do firewall-cmd --state >/dev/null 2>&1 && break; sleep 0.1; done
ip link add br0 type bridge; ip address add 192.168.0.1/24 dev br0; ip link set br0 up
`;

const PROGRAMS = {
  'docker20-published': ['bookworm', dockerd('') + PUBLISHED],
  'docker20-networks': ['bookworm', LEGACY + dockerd('') + NETWORKS],
  'docker26-published': ['trixie', dockerd('') + PUBLISHED],
  'docker26-networks': ['trixie', LEGACY + dockerd('') + NETWORKS],
  'docker28-published': ['sid', dockerd('') + PUBLISHED],
  'docker28-networks': ['sid', dockerd('') + NETWORKS],
  'podman5-published': ['trixie', `${PODMAN} run --name pod1 -p 8080:80`],
  'podman5-networks': [
    'trixie',
    `${PODMAN}
podman network create --subnet 10.91.0.0/24 --interface-name podfront front
podman network create --subnet 10.92.0.0/24 --interface-name podback --internal back
podman network create --subnet 10.93.0.0/24 --interface-name podalone --opt isolate=true alone
run --name pod1 --network front --ip 10.91.0.2 -p 127.0.0.1:8443:443 -p 5353:53/udp -p 9000-9001:9000-9001
run --name pod2 --network back --ip 10.92.0.2
run --name pod3 --network alone --ip 10.93.0.2 -p 8081:80`,
  ],
  'cni-nftables': [
    'sid',
    `${CNI}
plugin bridge '{"bridge": "cni0", "isGateway": true, "ipMasq": true, "ipMasqBackend": "nftables", "ipam": {"type": "host-local", "ranges": [[{"subnet": "10.22.0.0/24"}]], "routes": [{"dst": "0.0.0.0/0"}]}}'
plugin portmap '{"backend": "nftables", "runtimeConfig": {"portMappings": [{"hostPort": 8080, "containerPort": 80, "protocol": "tcp"}, {"hostPort": 5353, "containerPort": 53, "protocol": "udp", "hostIP": "198.51.100.10"}]}}'`,
  ],
  'firewalld2-default': ['sid', FIREWALLD],
  'firewalld2-policies': [
    'sid',
    `${FIREWALLD}
firewall-cmd --zone=internal --add-interface=br0
firewall-cmd --zone=public --add-interface=eth0
firewall-cmd --zone=public --add-masquerade
firewall-cmd --zone=public --add-forward-port=port=8080:proto=tcp:toport=80:toaddr=192.168.0.2
firewall-cmd --permanent --new-policy out; firewall-cmd --reload
firewall-cmd --zone=internal --add-interface=br0; firewall-cmd --zone=public --add-interface=eth0
firewall-cmd --policy out --add-ingress-zone internal; firewall-cmd --policy out --add-egress-zone public
firewall-cmd --policy out --set-target ACCEPT 2>/dev/null || firewall-cmd --policy out --add-rich-rule='rule family="ipv4" destination address="203.0.113.66" reject'
firewall-cmd --policy out --add-service https`,
  ],
  'libvirt9-nat': ['bookworm', `${VIRT} network natted '<forward mode="nat"/>' virbr0 192.168.122.1`],
  'libvirt9-networks': ['bookworm', LEGACY + VIRT + VIRT_NETWORKS],
  'libvirt11-nat': ['trixie', `${VIRT} network natted '<forward mode="nat"/>' virbr0 192.168.122.1`],
  'libvirt11-networks': ['trixie', NFTABLES + VIRT + VIRT_NETWORKS],
  'lxd-bridge': ['bookworm', `${container('lxd', 'lxd', 'lxd')} lxc network create lxdbr0 ${ONE_BRIDGE}`],
  'lxd-xtables': [
    'bookworm',
    `${LEGACY} mv /usr/sbin/nft /usr/sbin/nft.later
${container('lxd', 'lxd', 'lxd')} lxc network create lxdbr0 ${ONE_BRIDGE}; ${MORE_BRIDGES('lxc')}
mv /usr/sbin/nft.later /usr/sbin/nft`,
  ],
  'incus-bridge': [
    'trixie',
    `${container('/usr/libexec/incus/incusd', 'incus', 'incus-admin')} incus network create incusbr0 ${ONE_BRIDGE}`,
  ],
  'incus-networks': [
    'trixie',
    `${container('/usr/libexec/incus/incusd', 'incus', 'incus-admin')} incus network create incusbr0 ${ONE_BRIDGE}; ${MORE_BRIDGES('incus')}`,
  ],
  'neutron-ports': ['bookworm', `${NEUTRON} python3 /out/neutron-rules.py ports`],
  'neutron-router': [
    'bookworm',
    `ip netns add qrouter-f00dcafe-0000-4000-8000-000000000000; python3 /out/neutron-rules.py router floating
in_netns() { ip netns exec qrouter-f00dcafe-0000-4000-8000-000000000000 "$@"; }`,
  ],
};

/** In the namespace where the rules are; each release's own programs print them. */
const DUMPS = `
type in_netns >/dev/null 2>&1 || in_netns() { "$@"; }
dump() { in_netns "$2" -c >/out/$1 2>/dev/null; grep -q '^-A\\|^\\[' /out/$1 || rm -f /out/$1; }
for six in '' 6; do dump nft$six.save ip\${six}tables-nft-save; dump legacy$six.save ip\${six}tables-legacy-save; done
in_netns nft -j list ruleset >/out/json
ls /out/*.save >/dev/null 2>&1 || in_netns nft list ruleset >/out/nft
in_netns ipset save >/out/ipset 2>/dev/null; [ -s /out/ipset ] || rm -f /out/ipset
chmod 644 /out/*
`;

const [roots, ...wanted] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
for (const [name, [release, script]] of Object.entries(PROGRAMS)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const root = join(roots, release);
  if (!existsSync(root)) spawnSync(here('debian-root.sh'), [release, root, ...RELEASES[release]], { stdio: 'inherit' });
  const out = mkdtempSync(join(tmpdir(), 'record-'));
  copyFileSync(here('neutron-rules.py'), join(out, 'neutron-rules.py'));
  const whole = `set -e\n{ ${script}\n } >&2\nset +e\n${DUMPS}`;
  const { status, stderr } = spawnSync(
    'timeout',
    ['--kill-after=5', '180', 'bash', here('../helpers/host-in-netns.sh'), here('in-root.sh'), root, out, whole],
    { encoding: 'utf8' },
  );
  const files = ['nft.save', 'nft6.save', 'legacy.save', 'legacy6.save', 'json', 'nft', 'ipset'];
  if (status === 0)
    for (const file of files)
      if (existsSync(join(out, file))) copyFileSync(join(out, file), `${folder}${name}.${file}`);
  process.stdout.write(
    `${name}: ${status === 0 ? 'recorded' : `not recorded (${status}): ${stderr.trim().split('\n').slice(-12).join('\n')}`}\n`,
  );
  rmSync(out, { recursive: true, force: true });
}
