#!/bin/sh
# run.sh [FLAGS of the command conformance] - builds the OCI project's validation
# programs and mini, and runs the programs with runc and with mini in one VM.
# BASELINE= (empty) leaves runc out, which takes half the time.
# What they print is kept in bin/conformance/out.
set -eu
cd "$(dirname "$0")/../.."
export CGO_ENABLED=0 # runtimetest runs in an empty root
top=$PWD dir=$PWD/bin/conformance
mkdir -p "$dir/programs" "$dir/out"
# The programs are tools of a module of their own.
(cd hack/conformance/programs &&
  go build -trimpath -ldflags '-s -w' -o "$dir/programs/" tool &&
  install -m 644 "$(go list -m -f '{{.Dir}}' github.com/opencontainers/runtime-tools)"/rootfs-*.tar.gz "$dir/programs/")
go build -trimpath -o "$dir/run" ./hack/conformance
[ -n "${RUNTIME:-}" ] || make -s build
# Outside a VM only where the cgroups are like in it.
vm="hack/vmrun -c 2 -m 4096 -T 2400 -w $dir/out --"
case " $(cat /sys/fs/cgroup/cgroup.controllers 2>/dev/null) " in *' memory '*) vm= ;; esac
# shellcheck disable=SC2086 # none or one word
exec $vm "$dir/run" -programs "$dir/programs" -known hack/conformance/known.txt -out "$dir/out" "$@" \
  ${BASELINE-runc} "${RUNTIME:-$top/bin/mini}"
