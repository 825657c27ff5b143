import { parseIpLink } from '../parse/ip-link.js';
import { commandCollector } from './run-artifact.js';

export const links = commandCollector('links', ['ip', '-j', '-d', '-s', 'link', 'show'], parseIpLink);
