import { parseIpRoute } from '../parse/ip-route.js';
import { commandCollector } from './run-artifact.js';

/** Without a family option one dump holds the tables of both. */
export const routes = commandCollector('routes', ['ip', '-j', '-d', 'route', 'show', 'table', 'all'], parseIpRoute);
