#!/bin/sh
# run.sh [ENGINE...] - runs the scenarios of these engines, each in a VM of its own;
# all of them without a name. RUNTIME=runc runs them with runc, which tells whether a
# failure is the scenario's; it may be a path. CONTAINERD=DIR takes containerd, its
# shim and ctr from there instead of Debian's: with containerd 2, cri is asked to
# take its newer form of configuration.
set -eu
cd "$(dirname "$0")/../.."
hack/bootstrap engines
[ -n "${RUNTIME:-}" ] || make -s build
examples/build.sh
(cd hack/engines/cri && go build -trimpath -o ../../../bin/engines/cri .)
[ $# -gt 0 ] || set -- podman containerd cri docker systemd cri-systemd
[ -z "${CONTAINERD:-}" ] || export PATH="$CONTAINERD:$PATH"
status=0
for engine; do
  case $engine in
    *systemd) boot=-s ;;
    *) boot= ;;
  esac
  case $engine in
    cri-systemd) set -- cri.sh systemd ;;
    *) set -- "$engine.sh" ;;
  esac
  # shellcheck disable=SC2086
  hack/vmrun $boot -c 2 -m 4096 -T 1200 -- bash "hack/engines/$1" ${2:-} || status=1
done
exit $status
