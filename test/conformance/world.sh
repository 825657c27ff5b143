#!/bin/bash
# The network in which random rulesets meet real packets; then runs the driver in it.
# Called as `unshare -n -m -p --fork --kill-child bash world.sh DIR COUNT`: all that it makes and starts ends with the process.
#   inside --in0-- host --out0-- outside0      ca --pa-- br0 (host) --pb-- cb
#                   |-----out1-- outside1
set -eu
here=$(dirname "$0") cases=$1 count=$2
mount -t tmpfs tmpfs /run
quiet() {
  sysctl -qw net.ipv6.conf.all.accept_ra=0 net.ipv6.conf.default.accept_ra=0 net.ipv6.conf.default.accept_dad=0 \
    net.ipv6.conf.default.router_solicitations=0 net.ipv6.conf.default.mldv2_unsolicited_report_interval=1 \
    net.ipv6.conf.default.mldv1_unsolicited_report_interval=1 net.ipv4.conf.all.send_redirects=0 \
    net.ipv4.conf.default.send_redirects=0 net.ipv4.conf.default.rp_filter=0 net.ipv4.conf.all.rp_filter=0 \
    net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratemask=200 net.ipv4.tcp_syn_retries=1
}
quiet
ip link set lo up
for name in inside outside0 outside1 ca cb; do
  ip netns add $name
  ip netns exec $name bash -c "$(declare -f quiet); quiet"
  ip -n $name link set lo up
  ip netns exec $name nft -f - <<NFT
table inet silent {
  chain output {
    type filter hook output priority 0;
    icmp type destination-unreachable drop
    icmpv6 type { destination-unreachable, mld-listener-report, mld2-listener-report, nd-router-solicit } drop
  }
}
NFT
done
link() { # device netns number
  ip link add $1 address 02:00:00:00:01:0$3 type veth peer name eth0 address 02:00:00:00:02:0$3 netns $2
}
link in0 inside 1
link out0 outside0 2
link out1 outside1 3
link pa ca 4
link pb cb 5
ip link add br0 address 02:00:00:00:01:09 type bridge mcast_snooping 0
ip link set pa master br0
ip link set pb master br0
peers() { # host device, its addresses, netns, addresses there
  local device=$1 netns=$2 host4=$3 host6=$4 mac=$5 own=$6
  shift 6
  ip addr add $host4/24 dev $device
  ip -6 addr add $host6/64 dev $device nodad
  for address in "$@"; do
    case $address in
      *:*) ip -n $netns -6 addr add $address/64 dev eth0 nodad ;;
      *) ip -n $netns addr add $address/24 dev eth0 ;;
    esac
    ip neigh replace $address lladdr $own dev $device nud permanent
  done
  ip -n $netns link set eth0 up
  ip -n $netns neigh replace $host4 lladdr $mac dev eth0 nud permanent
  ip -n $netns neigh replace $host6 lladdr $mac dev eth0 nud permanent
  ip -n $netns route add default via $host4
  ip -n $netns -6 route add default via $host6
}
for device in in0 out0 out1 pa pb br0; do ip link set $device up; done
h=02:00:00:00:01:0 p=02:00:00:00:02:0
peers in0 inside 192.168.0.1 2001:db8:a::1 ${h}1 ${p}1 192.168.0.2 192.168.0.77 10.9.0.5 2001:db8:a::2 2001:db8:a::77
peers out0 outside0 198.51.100.10 2001:db8:64::10 ${h}2 ${p}2 198.51.100.1 198.51.100.20 2001:db8:64::1 2001:db8:64::20
peers out1 outside1 198.51.101.10 2001:db8:65::10 ${h}3 ${p}3 198.51.101.1 2001:db8:65::1
ip addr add 192.168.1.1/24 dev br0
ip -6 addr add 2001:db8:b::1/64 dev br0 nodad
for one in 'ca 2 3 4 5 pa' 'cb 3 2 5 4 pb'; do
  set -- $one
  ip -n $1 addr add 192.168.1.$2/24 dev eth0
  ip -n $1 -6 addr add 2001:db8:b::$2/64 dev eth0 nodad
  ip -n $1 link set eth0 up
  ip -n $1 neigh replace 192.168.1.$3 lladdr $p$5 dev eth0 nud permanent
  ip -n $1 neigh replace 2001:db8:b::$3 lladdr $p$5 dev eth0 nud permanent
  ip -n $1 neigh replace 192.168.1.1 lladdr ${h}9 dev eth0 nud permanent
  ip -n $1 neigh replace 2001:db8:b::1 lladdr ${h}9 dev eth0 nud permanent
  ip neigh replace 192.168.1.$2 lladdr $p$4 dev br0 nud permanent
  ip neigh replace 2001:db8:b::$2 lladdr $p$4 dev br0 nud permanent
  ip -n $1 route add default via 192.168.1.1
  ip -n $1 -6 route add default via 2001:db8:b::1
  bridge fdb replace $p$4 dev $6 master static
done
for address in 192.168.0.9 2001:db8:a::9; do ip neigh replace $address lladdr ${p}1 dev in0 nud permanent; done
for name in outside0 outside1; do
  for last in 1 2 3 4 5 6 7 8 9; do
    ip -n $name addr add 203.0.113.$last/32 dev lo
    ip -n $name -6 addr add 2001:db8:cb::$last/128 dev lo nodad
  done
done
for device in in0 out0 out1 br0 pa pb; do sysctl -qw net.ipv4.conf.$device.send_redirects=0; done
for last in 77 78 79; do
  ip -n outside0 neigh replace 198.51.100.$last lladdr ${h}2 dev eth0 nud permanent
  ip -n outside0 neigh replace 2001:db8:64::$last lladdr ${h}2 dev eth0 nud permanent
  ip neigh replace 198.51.100.$last lladdr ${p}2 dev out0 nud permanent
  ip neigh replace 2001:db8:64::$last lladdr ${p}2 dev out0 nud permanent
done
ipset restore <<SETS || true
create hosts hash:net family inet
add hosts 192.168.0.0/25
add hosts 192.168.0.77 nomatch
add hosts 203.0.113.0/29
create services hash:ip,port family inet
add services 203.0.113.5,tcp:80
add services 192.168.0.2,udp:53
add services 192.168.0.2,tcp:80-443
create hosts6 hash:net family inet6
add hosts6 2001:db8:a::/120
add hosts6 2001:db8:a::77 nomatch
add hosts6 2001:db8:cb::/125
create services6 hash:ip,port family inet6
add services6 2001:db8:cb::5,tcp:80
add services6 2001:db8:a::2,udp:53
SETS
sleep 1.5
exec node "$here/driver.mjs" "$cases" "$count"
