import { parseIpAddress } from '../parse/ip-address.js';
import { commandCollector } from './run-artifact.js';

export const addresses = commandCollector('addresses', ['ip', '-j', 'addr', 'show'], parseIpAddress);
