#!/bin/bash
# Runs a command on a host of its own: network, mount and PID namespaces, a private /etc, /run and /var, so that firewall
# managers, Podman and CNI plugins can be started as on a real host and change nothing of this machine. The host has an
# uplink eth0 198.51.100.10/24 to a namespace "out", which owns 198.51.100.1 and 203.0.113.5.
#
#   host-in-netns.sh COMMAND [ARG …]
#
# COMMAND has LAB set to a private folder, and OUTSIDE to the PID of a process in the outside namespace. Its exit status is
# returned; everything is removed after it. Needs root.
set -euo pipefail
[[ $# -ge 1 ]] || { sed -n '2,10p' "$0" | cut -c3-; exit 2; }
if [[ ${HOST_LAB_INSIDE:-} != 1 ]]; then
  LAB=$(mktemp -d -t host-lab.XXXXXX)
  export LAB HOST_LAB_INSIDE=1
  status=0
  unshare --net --mount --pid --fork --kill-child --mount-proc bash "$0" "$@" || status=$?
  rm -rf --one-file-system "$LAB"
  exit "$status"
fi
mount --make-rprivate /
mkdir -p "$LAB/cgroup"
mount --rbind /sys/fs/cgroup "$LAB/cgroup"
mount -t sysfs sysfs /sys
mount --rbind "$LAB/cgroup" /sys/fs/cgroup
mkdir -p "$LAB/space"
mount -t tmpfs tmpfs "$LAB/space"
for folder in etc var; do
  mkdir -p "$LAB/space/$folder/upper" "$LAB/space/$folder/work"
  mount -t overlay overlay -o "lowerdir=/$folder,upperdir=$LAB/space/$folder/upper,workdir=$LAB/space/$folder/work" "/$folder"
done
mount -t tmpfs tmpfs /run
mkdir -p /run/netns /run/lock /run/dbus
ip link set lo up
unshare --net sleep 86400 & OUTSIDE=$!
export OUTSIDE
until [[ $(readlink /proc/$OUTSIDE/ns/net) != "$(readlink /proc/self/ns/net)" ]]; do sleep 0.01; done
ip netns attach out "$OUTSIDE"
ip link add eth0 type veth peer name up0 netns out
ip address add 198.51.100.10/24 dev eth0
ip link set eth0 up
ip netns exec out sh -c 'ip link set lo up; ip address add 198.51.100.1/24 dev up0; ip link set up0 up; ip address add 203.0.113.5/32 dev lo'
ip route add default via 198.51.100.1
"$@"
