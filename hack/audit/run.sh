#!/bin/sh
# run.sh [KIND...] - audits the default containers of mini, podman and docker, or
# of those named, in one VM, and prints what each of them may do side by side. As
# mini's it takes --rootfs; as docker's and podman's an imported image, with no
# option. AUDIT_OUT=DIR keeps the answers, and what the tools of others say.
set -eu
cd "$(dirname "$0")/../.."
hack/bootstrap engines
make -s build
out=${AUDIT_OUT:-$(mktemp -d)}
mkdir -p "$out" bin/audit
out=$(cd "$out" && pwd)
go build -trimpath -o bin/audit/audit ./hack/audit

# The image: a static shell, our program, and the tools of others with what they need.
root=bin/audit/root
rm -rf "$root"
mkdir -p "$root/bin" "$root/usr" "$root/etc" "$root/proc" "$root/sys" "$root/dev" "$root/tmp"
cp "$(command -v busybox)" bin/audit/audit "$root/bin"
ln -s ../bin "$root/usr/bin"
for name in sh sleep cat timeout; do ln -s busybox "$root/bin/$name"; done
printf 'root:x:0:0::/:/bin/sh\n' >"$root/etc/passwd"
(umask 077 && echo 'root:*:::::::' >"$root/etc/shadow")
for tool in capsh captest systemd-detect-virt trinity; do
  file=$(command -v $tool || echo "/usr/sbin/$tool")
  cp "$file" "$root/bin"
  ldd "$file" | grep -o '/[^ ]*' | sort -u | while read -r lib; do
    case $lib in *:) continue ;; esac
    mkdir -p "$root/${lib%/*}"
    cp -L "$lib" "$root/$lib"
  done
done
tar -C "$root" -cf bin/audit/root.tar .

[ $# -gt 0 ] || set -- mini podman docker
hack/vmrun -c 2 -m 3072 -T 1800 -w "$out" -- bash hack/audit/guest.sh "$out" "$@" >&2
hack/audit/table.sh "$out" "$@"
