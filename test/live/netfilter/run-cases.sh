#!/bin/bash
# Loads each ruleset of DIR into a private namespace, sends its packet and saves what the kernel counted.
# A case is DIR/N with load.sh and packet.json; it gains legacy, nft, json and rx (packets that came out).
# Called as `unshare -n -m bash run-cases.sh DIR COUNT`: all that it makes vanishes with the process.
set -u
dir=$1 count=$2 here=$(dirname "$0")
mount -t tmpfs tmpfs /run
ip netns add inside
ip netns add outside
ip link set lo up
ip link add in0 type veth peer name eth0 netns inside
ip link add out0 type veth peer name eth0 netns outside
for command in 'sysctl -qw net.ipv6.conf.all.disable_ipv6=1' 'sysctl -qw net.ipv4.conf.all.send_redirects=0' \
  'sysctl -qw net.ipv4.conf.default.send_redirects=0'; do
  $command
  ip netns exec inside $command
  ip netns exec outside $command
done
for device in all default in0 out0; do
  sysctl -qw "net.ipv4.conf.$device.rp_filter=0" "net.ipv4.conf.$device.forwarding=1" "net.ipv4.conf.$device.send_redirects=0"
done
mac() { ip "${@:2}" -o link show "$1" | grep -o 'link/ether [^ ]*' | cut -d' ' -f2; }
ip addr add 192.168.0.1/24 dev in0
ip addr add 198.51.100.10/24 dev out0
ip link set in0 up
ip link set out0 up
for address in 192.168.0.2 192.168.0.77 10.9.0.5; do ip -n inside addr add "$address/24" dev eth0; done
for name in inside outside; do
  ip -n "$name" link set lo up
  ip -n "$name" link set eth0 up
done
ip -n inside neigh replace 192.168.0.1 lladdr "$(mac in0)" dev eth0
ip -n inside route add default via 192.168.0.1
inside_mac=$(mac eth0 -n inside)
outside_mac=$(mac eth0 -n outside)
for address in 192.168.0.2 192.168.0.77 192.168.0.9; do ip neigh replace "$address" lladdr "$inside_mac" dev in0; done
ip neigh replace 198.51.100.1 lladdr "$outside_mac" dev out0
ip neigh replace 198.51.100.20 lladdr "$outside_mac" dev out0
ip route add 10.9.0.0/24 via 192.168.0.2
ip route add default via 198.51.100.1

mkfifo /run/to-inside /run/from-inside /run/to-host /run/from-host
ip netns exec inside node "$here/send.mjs" </run/to-inside >/run/from-inside &
exec 3>/run/to-inside 4</run/from-inside
node "$here/send.mjs" </run/to-host >/run/from-host &
exec 5>/run/to-host 6</run/from-host

received() { ip netns exec outside awk '$1 == "eth0:" { print $3 }' /proc/net/dev; }

empty_legacy() {
  for table in 'raw PREROUTING OUTPUT' 'mangle PREROUTING INPUT FORWARD OUTPUT POSTROUTING' \
    'nat PREROUTING INPUT OUTPUT POSTROUTING' 'filter INPUT FORWARD OUTPUT'; do
    set -- $table
    printf '*%s\n' "$1"
    shift
    printf ':%s ACCEPT [0:0]\n' "$@"
    echo COMMIT
  done | iptables-legacy-restore
}

for ((number = 0; number < count; number += 1)); do
  case=$dir/$number
  nft flush ruleset
  empty_legacy
  bash "$case/load.sh" 2>"$case/errors" || { echo "load failed" >>"$case/errors"; continue; }
  before=$(received)
  if [ -f "$case/from-host" ]; then
    sender='' to=5 from=6
  else
    sender='ip netns exec inside' to=3 from=4
  fi
  if [ -f "$case/ping" ]; then
    read -r source destination <"$case/ping"
    $sender timeout 0.1 ping -q -n -c 1 -W 1 -I "$source" "$destination" >/dev/null 2>&1
  else
    cat "$case/packet.json" >&$to
    read -r -t 5 _ <&$from
  fi
  iptables-legacy-save -c >"$case/legacy"
  iptables-nft-save -c >"$case/nft" 2>/dev/null
  nft -j list ruleset >"$case/json" 2>/dev/null
  echo $(($(received) - before)) >"$case/rx"
done
exec 3>&- 5>&-
