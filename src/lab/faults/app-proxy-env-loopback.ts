import type { Fault } from '../fault.js';
import { APPLICATION, endProgram, startProgram } from '../topologies/application.js';
import { DESTINATION } from '../topologies/textbook.js';

export const appProxyEnvLoopback: Fault = {
  id: 'app-proxy-env-loopback',
  title: "the program is told of the host's proxy, at 127.0.0.1",
  topology: 'application',
  break: [...endProgram('/run/app'), ...startProgram('/run/app', 'env http_proxy=http://127.0.0.1:3128')],
  undo: [...endProgram('/run/app'), ...startProgram('/run/app')],
  probe: { target: APPLICATION, destination: `http://${DESTINATION}/`, protocol: 'tcp' },
  expect: { cause: ['app-proxy-env-loopback'], link: ['socket', 'container'], stage: 'socket', way: 'forward' },
};
