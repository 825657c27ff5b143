import type { Fault } from '../fault.js';
import { DESTINATION } from '../topologies/textbook.js';
import { HELPER } from '../topologies/tftp.js';

export const nfCtHelperMissing: Fault = {
  id: 'nf-ct-helper-missing',
  title: 'no rule gives the requests to a TFTP server the helper: its answers come from another port',
  topology: 'tftp',
  break: [`iptables -t raw -D ${HELPER}`],
  undo: [`iptables -t raw -A ${HELPER}`],
  probe: { destination: `udp://${DESTINATION}:69`, protocol: 'udp' },
  expect: { cause: ['nf-ct-helper-missing'], link: ['bridge', 'uplink'], stage: 'prerouting', way: 'return' },
};
