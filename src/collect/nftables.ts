import { commandCollector } from './run-artifact.js';

export const nftables = commandCollector('nftables', ['nft', '-j', 'list', 'ruleset'], (text) => text);
