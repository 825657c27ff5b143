import type { Fault } from '../fault.js';
import { listener } from '../listener.js';

const service = listener(8081, 'INADDR_ANY');

export const appLocalhostMeansContainer: Fault = {
  id: 'app-localhost-means-container',
  title: 'the container asks its own localhost for a service that runs on the host',
  topology: 'textbook',
  break: service.start,
  undo: service.stop,
  probe: { destination: '127.0.0.1:8081', protocol: 'tcp' },
  expect: {
    cause: ['app-localhost-means-container'],
    link: ['container', 'service'],
    stage: 'socket',
    way: 'forward',
  },
};
