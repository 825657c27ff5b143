#!/bin/bash
# Runs a script with a folder of debian-root.sh as the whole file system, in the namespaces of host-in-netns.sh; what it
# writes vanishes with it, but for what it puts into /out. OUTSIDE and LAB are as there.
#
#   host-in-netns.sh in-root.sh FOLDER OUT SCRIPT
set -euo pipefail
root=$1 out=$2 script=$3
new=$LAB/space/new
mkdir -p "$LAB/space/root/"{upper,work} "$new"
mount -t overlay overlay -o "lowerdir=$root,upperdir=$LAB/space/root/upper,workdir=$LAB/space/root/work" "$new"
mkdir -p "$new"/{proc,sys,dev,run,tmp,out,old,usr/local/bin,var/log,var/lib}
mount --rbind /proc "$new/proc"
mount --rbind /sys "$new/sys"
mount --rbind /dev "$new/dev"
mount -t tmpfs tmpfs "$new/run"
mount -t tmpfs tmpfs "$new/tmp"
mount -t tmpfs tmpfs "$new/var/lib"
mkdir -p "$new"/run/{netns,lock,dbus}
mount --bind "$out" "$new/out"
install -m 755 /bin/busybox "$new/usr/local/bin/busybox"
cd "$new"
pivot_root . old
exec chroot . /bin/bash -c "umount -l /old; export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LAB=/tmp LC_ALL=C; $script"
