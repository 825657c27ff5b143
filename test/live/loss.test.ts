import { expect, test } from 'vitest';
import { labForTest } from '../helpers/lab.js';
import { brokenRoles, runOf } from '../helpers/trace.js';

const RULE = '-s 192.168.0.2 -m statistic --mode nth --every 5 --packet 0 -j DROP';
const MANY = ['--count', '200', '--interval', '2ms'];

test.each([
  ['203.0.113.5', 'ICMP'],
  ['udp://203.0.113.5:7007', 'UDP'],
])('the loss of each link is counted, with how sure that is: %s', async (destination) => {
  const lab = await labForTest('textbook');
  await lab.echo('outside', '203.0.113.5', 7007);

  const whole = runOf(await lab.trace(['net1', destination, ...MANY]));
  expect(whole.diagnosis.status).toBe('ok');
  expect(whole.diagnosis).not.toHaveProperty('losses');
  expect(whole.diagnosis.summary).toMatch(/^200 of 200 probes were answered; the loss is below 1\.9 % \(95 %\)/);

  await lab.run([`iptables -A FORWARD ${RULE}`]);
  const { run, exitCode } = await lab.trace(['net1', destination, ...MANY]);
  expect(exitCode).toBe(4);
  expect(run?.diagnosis).toMatchObject({ status: 'degraded', direction: 'forward' });
  if (run) expect(brokenRoles(run)).toBe('bridge–uplink');
  const { link, interval, ...loss } = run?.diagnosis.losses?.[0] ?? {};
  expect(run?.diagnosis.losses).toHaveLength(1);
  expect(loss).toEqual({ way: 'forward', lost: 40, of: 200 });
  expect(link).toBe('h3-h4');
  expect(interval?.map((share) => share.toFixed(3))).toEqual(['0.150', '0.261']);
});
