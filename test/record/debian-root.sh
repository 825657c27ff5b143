#!/bin/bash
# Unpacks programs of a release of Debian, and all that they depend on, into a folder. Nothing is installed on this machine
# and no script of a package runs, so that no daemon starts by itself.
#
#   debian-root.sh SUITE FOLDER PACKAGE …
set -euo pipefail
[[ $# -ge 3 ]] || { sed -n '2,6p' "$0" | cut -c3-; exit 2; }
suite=$1 root=$2
shift 2
apt=$root.apt
mkdir -p "$root" "$apt"/etc/apt/{preferences.d,apt.conf.d} "$apt"/var/lib/{apt/lists/partial,dpkg} "$apt/var/cache/apt/archives/partial"
: >"$apt/var/lib/dpkg/status"
archive=$(apt-get indextargets --format '$(ORIGIN) $(REPO_URI)' 'Created-By: Packages' | sed -n 's/^Debian //p' | grep -v security | sort | sed -n 1p)
printf 'deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] %s %s main\n' "$archive" "$suite" >"$apt/etc/apt/sources.list"
# An archive that is kept for the record is older than its signature allows.
cat >"$apt/apt.conf" <<CONF
Dir "$apt";
Dir::State::status "$apt/var/lib/dpkg/status";
Dir::Bin::dpkg "$(command -v dpkg)";
Acquire::Languages "none";
Acquire::Check-Valid-Until "false";
APT::Install-Recommends "false";
CONF
export APT_CONFIG=$apt/apt.conf
apt-get -q update
apt-get -qy --download-only install base-files base-passwd bash coreutils ebtables gawk grep iproute2 ipset iptables kmod nftables procps sed tar "$@"
for package in "$apt"/var/cache/apt/archives/*.deb; do dpkg -x "$package" "$root"; done

# What scripts of the packages would have made.
cp "$root/usr/share/base-passwd/passwd.master" "$root/etc/passwd"
cp "$root/usr/share/base-passwd/group.master" "$root/etc/group"
rm -rf "$root/var/run"
ln -s /run "$root/var/run"
printf '127.0.0.1 localhost\n' >"$root/etc/hosts"
number=900
for name in dnsmasq docker incus incus-admin libvirt libvirt-qemu lxd; do
  number=$((number + 1))
  printf '%s:x:%d:%d::/nonexistent:/usr/sbin/nologin\n' "$name" "$number" "$number" >>"$root/etc/passwd"
  printf '%s:x:%d:\n' "$name" "$number" >>"$root/etc/group"
done
for name in iptables ip6tables ebtables; do
  for end in '' -save -restore; do
    [[ -e $root/usr/sbin/$name-nft$end ]] && ln -sf "$name-nft$end" "$root/usr/sbin/$name$end"
  done
done
[[ -e $root/bin/sh ]] || ln -s dash "$root/bin/sh"
[[ -e $root/usr/bin/awk ]] || ln -s gawk "$root/usr/bin/awk"
