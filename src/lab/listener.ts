const program = (port: number, address: string): string =>
  'my $holder = shift; socket my $s, PF_INET, SOCK_STREAM, 0; setsockopt $s, SOL_SOCKET, SO_REUSEADDR, 1; ' +
  `bind $s, sockaddr_in(${port}, ${address}) or die; listen $s, 8; sleep 1 while kill 0, $holder`;

/** Shell commands that start a TCP listener on the lab's host, and that end it; by itself it ends with the lab. */
export const listener = (
  port: number,
  address: 'INADDR_ANY' | 'INADDR_LOOPBACK',
): { readonly start: readonly string[]; readonly stop: readonly string[] } => ({
  start: [
    `perl -MSocket -e '${program(port, address)}' "$(cat /run/holder.pid)" </dev/null >/dev/null 2>&1 & echo $! >/run/service.pid`,
    `for i in $(seq 60); do ss -Hltn sport = :${port} | grep -q . && break; sleep 0.05; done`,
  ],
  stop: [
    'kill "$(cat /run/service.pid)"',
    `for i in $(seq 60); do ss -Hltn sport = :${port} | grep -q . || break; sleep 0.05; done`,
  ],
});
