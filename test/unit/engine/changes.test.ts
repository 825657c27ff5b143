import { describe, expect, test } from 'vitest';
import { changesBetween } from '../../../src/engine/changes.js';
import type { NetnsState } from '../../../src/model/state.js';
import { recorded } from '../../helpers/evidence.js';

describe('kernel settings that change during a run', () => {
  const { before, flow, path } = recorded('textbook');
  const host = before['host'] as NetnsState;
  const changed = (key: string, value: string) => {
    if (!host.sysctls.ok) throw new Error('the settings were not recorded');
    const sysctls = { ...host.sysctls, value: { ...host.sysctls.value, [key]: value } };
    return changesBetween(before, { host: { sysctls } }, flow, path);
  };

  test.each(['net.ipv4.ip_forward', 'net.ipv4.conf.all.rp_filter', 'net.ipv4.conf.br0.forwarding'])(
    '%s is told with its value before',
    (key) => {
      const old = host.sysctls.ok ? host.sysctls.value[key] : undefined;
      expect(changed(key, '7')).toEqual([{ netns: 'host', what: 'a kernel setting', detail: `gone: ${key} = ${old}` }]);
    },
  );

  test.each(['net.ipv4.conf.docker7.rp_filter', 'net.netfilter.nf_conntrack_count'])(
    '%s has no say in this flow',
    (key) => {
      expect(changed(key, '7')).toEqual([]);
    },
  );
});
