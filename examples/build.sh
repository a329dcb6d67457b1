#!/bin/sh
# Builds the userland and lays out rootfs/, the root that all bundles here share.
set -eu
cd "$(dirname "$0")"
mkdir -p rootfs/bin rootfs/etc rootfs/proc rootfs/sys rootfs/dev rootfs/root rootfs/tmp rootfs/var/empty
chmod 1777 rootfs/tmp
CGO_ENABLED=0 go build -trimpath -ldflags '-s -w' -o rootfs/bin/userland ./userland
rootfs/bin/userland help | while read -r name rest; do ln -sf userland "rootfs/bin/$name"; done
printf 'root:x:0:0:root:/root:/bin/sh\napp:x:1000:1000:app:/tmp:/bin/sh\nnobody:x:65534:65534:nobody:/var/empty:/bin/false\n' >rootfs/etc/passwd
printf 'root:x:0:\napp:x:1000:\nnogroup:x:65534:\n' >rootfs/etc/group
printf '127.0.0.1 localhost\n::1 localhost\n' >rootfs/etc/hosts
