/** Debian's Chromium. */
export const CHROMIUM = '/usr/bin/chromium';
/** It asks nobody for anything. */
export const QUIET = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
