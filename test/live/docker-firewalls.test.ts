import { beforeAll, describe, expect, test } from 'vitest';
import { type ExpectedRun, isRootWith, runScripted, saidBy, type Traced } from './helpers/scripted-host.js';

const hasAll = await isRootWith(['dockerd', '--version'], ['firewalld', '--help'], ['ufw', '--version']);

/** A private /etc, /var and /run, so that firewall managers beside the daemon change nothing of this machine. */
const PRIVATE = `
mkdir -p $LAB/space; mount -t tmpfs tmpfs $LAB/space
for folder in etc var; do
  mkdir -p $LAB/space/$folder/upper $LAB/space/$folder/work
  mount -t overlay overlay -o lowerdir=/$folder,upperdir=$LAB/space/$folder/upper,workdir=$LAB/space/$folder/work /$folder
done
mount -t tmpfs tmpfs /run; mkdir -p /run/netns /run/lock /run/dbus; mount --bind $LAB/netns /run/netns
`;

const SCRIPT = `${PRIVATE}
docker run -d --name web busybox:lab sleep 1000 >/dev/null
sleep 1.1
sed -i 's/^IPT_SYSCTL.*/IPT_SYSCTL=/' /etc/default/ufw
ufw --force enable >/dev/null
trace ufw-beside web 203.0.113.5
iptables -F; iptables -t nat -F
ufw reload >/dev/null
iptables -t nat -A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE
trace ufw-after-flush web 203.0.113.5
ufw disable >/dev/null; iptables -P FORWARD ACCEPT
dbus-daemon --system --fork --nopidfile
firewalld --nofork --nopid >$LAB/firewalld.log 2>&1 &
manager=$!
until firewall-cmd --state >/dev/null 2>&1; do sleep 0.1; done
trace firewalld-after web 203.0.113.5
kill $manager; wait $manager || true
`;

const EXPECTED: Readonly<Record<string, ExpectedRun>> = {
  'ufw-after-flush': {
    cause: 'nf-docker-chains-flushed',
    stage: 'forward',
    title: /FORWARD drops by policy: Docker's rules are gone, policy stayed/,
    remedy: ['systemctl', 'restart', 'docker'],
  },
  'firewalld-after': {
    cause: 'nf-reject-host-prohibited',
    stage: 'forward',
    title: /firewalld filter_\w+ rule \d+ rejects the request/,
    owner: 'firewalld',
    remedy: ['firewall-cmd', '--zone=trusted', '--add-interface=docker0'],
  },
};

describe.skipIf(!hasAll)('a firewall manager that comes after Docker', () => {
  let results: ReadonlyMap<string, Traced>;
  const of = (name: string): Traced => {
    const one = results.get(name);
    if (!one) throw new Error(`the script did not come to ${name}`);
    return one;
  };

  beforeAll(async () => {
    results = await runScripted('docker-in-netns.sh', SCRIPT);
  }, 300_000);

  test('ufw alone takes nothing from Docker', () => {
    expect(of('ufw-beside').run().diagnosis.status).toBe('ok');
  });

  test.each(Object.entries(EXPECTED))('%s: cause, place, owner, its own way', (name, expected) => {
    expect(saidBy(of(name).run(), expected)).toEqual(expected);
    expect(of(name).exitCode).toBe(3);
  });

  test.each([
    ['ufw-after-flush', /dockerd started .*web started .*\/etc\/ufw\/user\.rules was written/],
    ['firewalld-after', /dockerd started .*web started .*firewalld started/],
  ])('%s: it is said what happened in which order', (name, order) => {
    const [root] = of(name).run().findings;
    const lines = root?.evidence.map(({ text }) => text) ?? [];
    expect(lines.filter((line) => line.startsWith('in this order (UTC): '))).toEqual([expect.stringMatching(order)]);
  });
});
