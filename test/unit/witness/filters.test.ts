import { expect, test } from 'vitest';
import { type Witnessing, witnessFilters } from '../../../src/witness/filters.js';

/** Composed from the `format` file of Linux 6.18, shortened. */
const FORMAT =
  'print fmt: "… location=%pS reason: %s", REC->skbaddr, __print_symbolic(REC->reason, { 2, "NOT_SPECIFIED" },' +
  ' { 3, "NO_SOCKET" }, { 4, "SOCKET_CLOSE" }, { 5, "SOCKET_FILTER" }, { 10, "TCP_CSUM" }, { 11, "UDP_CSUM" }, { 128, "MAX" })';

const filters = (more: Partial<Witnessing>, format = ''): ReturnType<typeof witnessFilters> =>
  witnessFilters({ lengths: [40], devices: [], family: 4, protocol: 'icmp', ...more }, format);

test('names each length as it is on every layer, sent and received, and the protocol of the family', () => {
  expect(filters({ lengths: [1043] })).toEqual({
    sent: 'len == 1043 || len == 1057 || len == 1061',
    received: 'len == 1043 || len == 1047',
    drops: '(protocol == 2048 || protocol == 33024)',
  });
  expect(filters({ family: 6 }).drops).toContain('34525');
});

test("leaves out the reasons of other protocols by the kernel's own numbers", () => {
  expect(filters({}, FORMAT).drops).toBe(
    '(protocol == 2048 || protocol == 33024) && (reason < 3 || reason > 4) && (reason < 10 || reason > 11)',
  );
  expect(filters({ protocol: 'tcp' }, FORMAT).drops).toMatch(/ && reason != 4 && reason != 11$/);
});

test('limits common lengths to the devices of the path', () => {
  const names = `(name == "eth0" || name == "a'b" || name == 'c"d')`;
  const { sent, received } = filters({ devices: ['eth0', "a'b", 'c"d'] });
  expect(sent).toBe(`(len == 40 || len == 54 || len == 58) && ${names}`);
  expect(received).toBe(`(len == 40 || len == 44) && ${names}`);
});

test.each([[`a'b"c`], ['\ufffd']])('leaves the names out when one cannot be written: %s', (name) => {
  expect(filters({ devices: ['eth0', name] }).sent).toBe('len == 40 || len == 54 || len == 58');
});

test('leaves the names out when the filter would be too long for the kernel', () => {
  const devices = Array.from({ length: 200 }, (_, index) => `veth${index}abcdefgh`);
  expect(filters({ devices }).sent).toBe('len == 40 || len == 54 || len == 58');
});
