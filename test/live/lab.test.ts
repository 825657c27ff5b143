import { describe, expect, test } from 'vitest';
import { parseDestination } from '../../src/discover/index.js';
import { processStartTime } from '../../src/host/processes.js';
import type { Fault } from '../../src/lab/fault.js';
import type { Lab } from '../../src/lab/lab.js';
import { serveProbes } from '../../src/lab/serve-probes.js';
import { UNPRIVILEGED } from '../../src/lab/topologies/application.js';
import { topologies } from '../../src/lab/topologies/index.js';
import { labForTest } from '../helpers/lab.js';
import { faults } from '../helpers/sample.js';

/** Puts the container's own resolv.conf and hosts in place. @see ip-netns(8) */
const WITH_OWN_FILES = ['ip', 'netns', 'exec', 'net1'];

const answers = async (
  lab: Lab,
  destination = lab.topology.destination,
  options: readonly string[] = ['-c', '1'],
): Promise<boolean> => {
  const ping = ['ping', '-q', ...options, '-W', '0.3', destination];
  const isName = /^[a-z]/.test(destination) && !destination.includes(':');
  const { exitCode, stdout } = isName
    ? await lab.exec([...WITH_OWN_FILES, ...ping])
    : await lab.exec(ping, { netns: lab.topology.target });
  return exitCode === 0 && / 0% packet loss/.test(stdout);
};

/** The same from the control group of a process. */
const answersInGroup = async (lab: Lab, process: string, destination: string): Promise<boolean> => {
  const group = `$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)$(sed -n 's/^0:://p' ${process}/cgroup)`;
  const ping = `nsenter --net=${process}/ns/net ping -q -c 1 -W 0.3 ${destination}`;
  return (await lab.exec(`echo $$ >"${group}/cgroup.procs" && exec ${ping}`)).exitCode === 0;
};

/** Small packets pass; one of this payload does not. */
const LARGE = [
  'ip6-ptb-blocked',
  'pmtu-blackhole-fragneeded-filtered',
  'pmtu-blackhole-host-output-blocked',
  'uplink-frame-exceeds-peer-mtu',
  'veth-host-mtu-smaller',
];
const LARGE_BYTES = 1440;

/** A part of the packets passes. */
const PARTIAL = [
  'nf-limit-drop',
  'nf-statistic-random',
  'svc-one-endpoint-dead',
  'uplink-qdisc-drop',
  'veth-tc-bandwidth',
];

const pingOptions = ({ id, probe }: Fault): readonly string[] => {
  const size = probe?.size ?? (LARGE.includes(id) ? LARGE_BYTES : null);
  return [
    ...(PARTIAL.includes(id) ? ['-c', '20', '-i', '0.01'] : ['-c', '1']),
    ...(size === null ? [] : ['-s', `${size}`]),
    ...(probe?.df || LARGE.includes(id) ? ['-M', 'do'] : []),
  ];
};

const INVENTORY = [
  'ip -o -4 addr | cut -d" " -f2-7',
  'ip -4 route show table all',
  'ip rule',
  'iptables-save | grep "^-A"',
  'sysctl net.ipv4.ip_forward net.ipv4.icmp_echo_ignore_all net.ipv4.conf.all.rp_filter net.ipv4.conf.all.forwarding',
  'ip xfrm policy',
].join('; ');

const inventory = async (lab: Lab): Promise<string> => {
  const texts = [];
  for (const netns of ['host', ...lab.topology.namespaces]) texts.push((await lab.exec(INVENTORY, { netns })).stdout);
  return texts.join('\n');
};

const CONNECT = `require('node:net').connect(Number(process.argv[2]), process.argv[1])
  .on('connect', () => process.exit(0)).on('error', () => process.exit(1))`;

const ASK = `const [name, address] = process.argv.slice(1);
const resolver = new (require('node:dns').Resolver)({ timeout: 500, tries: 1 });
if (address) resolver.setServers([address]);
resolver.resolve4(name, (error) => process.exit(error ? 1 : 0));`;

/** From a socket each, so that each is a flow of its own; or one from a port that is given. */
const ECHO = `const [address, port, size, count, from] = process.argv.slice(1);
let missing = Number(count);
setTimeout(() => process.exit(1), 1000);
for (let sent = 0; sent < Number(count); sent++) setTimeout(() => {
  const socket = require('node:dgram').createSocket('udp4').on('error', () => {});
  socket.on('message', () => { if (--missing === 0) process.exit(0); });
  const message = port === '69' ? Buffer.from('\\0\\x01file\\0octet\\0', 'latin1') : Buffer.alloc(Number(size));
  socket.bind(Number(from), () => socket.send(message, Number(port), address, () => {}));
}, 10 * sent);`;

/** A ping by a program without capabilities, of which the copy has none of its file either. */
const answersUnprivileged = async (lab: Lab, destination: string): Promise<boolean> => {
  const ping = `cp "$(command -v ping)" /run/ping && exec setpriv --bounding-set=-all --inh-caps=-all --ambient-caps=-all /run/ping -q -c 1 -W 0.3 ${destination}`;
  return (await lab.exec(ping, { netns: 'net1' })).exitCode === 0;
};

/** Whether a program connects that asks the proxy which the application was told of, where there is one. */
const answersProxied = async (lab: Lab, destination: string): Promise<boolean> => {
  const told = await lab.exec("tr '\\0' '\\n' </run/app/environ | sed -n 's#^http_proxy=http://##p'");
  const [address = '', port = '80'] = (told.stdout.trim() || destination.replace(/^http:\/\/|\/$/g, '')).split(':');
  const connect = [process.execPath, '-e', CONNECT, address, port];
  return (await lab.exec(connect, { netns: 'net1', timeoutMs: 1000 })).exitCode === 0;
};

/** Whether all that the connection has sent is acknowledged. */
const goesOn = async (lab: Lab, port: number): Promise<boolean> => {
  const { stdout } = await lab.exec(`ss -Htin state established dport = :${port}`, { netns: 'net1' });
  return stdout.includes(':') && !stdout.includes('unacked');
};

/** Whether the container reaches what a fault is about; a refused connection is no service. */
const reached = async (lab: Lab, fault: Fault): Promise<boolean> => {
  const { probe } = fault;
  if (probe?.protocol === 'udp') {
    const { host, port, dns } = parseDestination(probe.destination);
    const ask = ['-e', ASK, dns?.name ?? '', ...(host === '' ? [] : [host])];
    const count = probe.count ?? (probe.sourcePort === undefined ? 3 : 1);
    const echo = ['-e', ECHO, host, ...[port, probe.size ?? 56, count, probe.sourcePort ?? 0].map(String)];
    const client = [process.execPath, ...(dns ? ask : echo)];
    const { exitCode } = await (probe.from === undefined
      ? lab.exec([...WITH_OWN_FILES, ...client], { timeoutMs: 5000 })
      : lab.exec(client, { netns: probe.from.replace(/^netns:/, ''), timeoutMs: 5000 }));
    return exitCode === 0;
  }
  if (probe?.socket !== undefined) return goesOn(lab, probe.socket);
  if (probe?.target === UNPRIVILEGED) return answersUnprivileged(lab, probe.destination);
  if (probe?.destination.startsWith('http:')) return answersProxied(lab, probe.destination);
  if (probe?.inCgroup) return answersInGroup(lab, '/run/app', probe.destination);
  if (probe?.protocol !== 'tcp') return answers(lab, probe?.destination, pingOptions(fault));
  const [address = '', port = ''] = probe.destination.split(':');
  const connect = [process.execPath, '-e', CONNECT, address, port];
  const from = probe.from?.replace(/^netns:/, '') ?? 'net1';
  const once = async (timeoutMs: number) => (await lab.exec(connect, { netns: from, timeoutMs })).exitCode === 0;
  if (!PARTIAL.includes(fault.id)) return once(probe.from === undefined ? 2000 : 1000);
  // Shorter than the time after which a lost SYN is sent again.
  return (await Promise.all(Array.from({ length: 4 }, () => once(900)))).every(Boolean);
};

/** The connection succeeds, at the wrong program. */
const REACHED = ['pub-host-service-shadows'];

describe.each(topologies)('network $id', (topology) => {
  const own = faults.filter((fault) => fault.topology === topology.id);

  test('is healthy; each of its faults loses the packets, and mending brings them and the settings back', {
    timeout: 360_000,
  }, async () => {
    const lab = await labForTest(topology.id);
    expect(await answers(lab)).toBe(true);
    await serveProbes(lab, own);
    const asking = own.filter(
      ({ probe }) => probe?.protocol === 'udp' || probe?.socket !== undefined || probe?.target !== undefined,
    );
    for (const fault of asking) expect(await reached(lab, fault), fault.id).toBe(true);
    for (const fault of own) {
      const before = await inventory(lab);
      await lab.run(fault.break);
      expect(await reached(lab, fault), `${fault.id} broken`).toBe(REACHED.includes(fault.id));
      await lab.run(fault.undo);
      expect(await answers(lab), `${fault.id} mended`).toBe(true);
      expect(await inventory(lab), fault.id).toBe(before);
    }
  });
});

test('closing a lab ends every process in it', async () => {
  const lab = await labForTest('textbook');
  const sleeper = lab.start(['sleep', '100'], 'net1');
  await lab.serve('outside', '203.0.113.5', 80);
  await lab.close();
  expect((await sleeper.ended).exitCode).toBeNull();
  expect(await processStartTime(lab.holder.pid)).toBeNull();
});

test('a service of the lab accepts TCP connections', async () => {
  const lab = await labForTest('textbook');
  const connect = [process.execPath, '-e', "require('node:net').connect(80, '203.0.113.5', () => process.exit(0))"];
  expect((await lab.exec(connect, { netns: 'net1', timeoutMs: 2000 })).exitCode).not.toBe(0);
  await lab.serve('outside', '203.0.113.5', 80);
  expect((await lab.exec(connect, { netns: 'net1', timeoutMs: 2000 })).exitCode).toBe(0);
});
