#!/bin/sh
# selinux.sh MINI ROOTFS POLICY BUNDLE... - in a machine that is thrown away: load
# the policy, enforce it, and run each bundle.
set -eu
mini=$1 rootfs=$2 policy=$3
shift 3
mount -t selinuxfs selinuxfs /sys/fs/selinux
dd if="$policy" of=/sys/fs/selinux/load bs=1M status=none
echo 1 >/sys/fs/selinux/enforce
cp -a "$rootfs" /tmp/rootfs # an overlay cannot be idmapped, and all is one here
mkdir /tmp/volume
for bundle; do
  "$mini" --root /tmp/state run "$bundle" && status=0 || status=$?
  echo "status $status"
done
