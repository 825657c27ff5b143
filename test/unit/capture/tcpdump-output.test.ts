import { describe, expect, test } from 'vitest';
import { captureFailure, readTcpdumpOutput } from '../../../src/capture/tcpdump-output.js';

const NORMAL = `tcpdump: listening on eth0, link-type EN10MB (Ethernet), snapshot length 256 bytes
6 packets captured
9 packets received by filter
3 packets dropped by kernel
`;

describe('readTcpdumpOutput', () => {
  test('reads the device and the counts', () => {
    const output = { listeningOn: 'eth0', captured: 6, droppedByKernel: 3, complaint: null };
    expect(readTcpdumpOutput(NORMAL)).toEqual(output);
    expect(readTcpdumpOutput(NORMAL.replace('6 packets', '1 packet'))).toMatchObject({ captured: 1 });
  });

  test('reads a device name with odd bytes', () => {
    const output = readTcpdumpOutput('tcpdump: listening on a, link-type "b, link-type EN10MB (Ethernet), snapshot\n');
    expect(output.listeningOn).toBe('a, link-type "b');
  });

  test('finds the complaint behind the chatter', () => {
    const text = 'tcpdump: data link type LINUX_SLL2\ntcpdump: nope: No such device exists\n(No such device exists)\n';
    expect(readTcpdumpOutput(text)).toEqual({
      listeningOn: null,
      captured: null,
      droppedByKernel: null,
      complaint: 'tcpdump: nope: No such device exists',
    });
  });
});

describe('captureFailure', () => {
  test.each([
    ['tcpdump: x: No such device exists', 'no-interface', 'x: no such device'],
    ['tcpdump: pcap_loop: The interface disappeared', 'no-interface', 'x: no such device'],
    ['tcpdump: x: That device is not up', 'interface-down', 'x is down'],
    ["timeout: failed to run command 'tcpdump': No such file or directory", 'missing-tool', 'tcpdump is not installed'],
    ['nsenter: failed to execute setpriv: No such file or directory', 'missing-tool', 'setpriv is not installed'],
    ["tcpdump: x: You don't have permission to perform this capture on that device", 'not-permitted', null],
    ["tcpdump: Couldn't change to 'tcpdump' uid=102 gid=105: Operation not permitted", 'not-permitted', null],
    ["tcpdump: can't parse filter expression: syntax error", 'failed', "can't parse filter expression: syntax error"],
    [null, 'failed', 'tcpdump ended without a message'],
  ] as const)('%s', (complaint, failure, error) => {
    const found = captureFailure(complaint, 'x');
    expect(found.failure).toBe(failure);
    if (error !== null) expect(found.error).toBe(error);
  });

  test('does not call a device absent whose name could not be read', () => {
    const found = captureFailure('tcpdump: a\uFFFD: No such device exists', 'a\uFFFD');
    expect(found).toEqual({ error: 'a\uFFFD: the name is no UTF-8', failure: 'failed' });
  });
});
