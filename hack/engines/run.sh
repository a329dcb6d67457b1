#!/bin/sh
# run.sh [ENGINE...] - runs the scenarios of these engines (podman, containerd,
# cri, docker; all without a name), each in a VM of its own. RUNTIME=runc runs
# them with runc, which tells whether a failure is the scenario's; it may be a path.
set -eu
cd "$(dirname "$0")/../.."
hack/bootstrap engines
[ -n "${RUNTIME:-}" ] || make -s build
examples/build.sh
(cd hack/engines/cri && go build -trimpath -o ../../../bin/engines/cri .)
[ $# -gt 0 ] || set -- podman containerd cri docker
status=0
for engine; do
  hack/vmrun -c 2 -m 4096 -T 900 -- bash "hack/engines/$engine.sh" || status=1
done
exit $status
