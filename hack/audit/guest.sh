#!/bin/bash
# guest.sh DIR KIND... - run.sh's part in the VM: asks the questions in a container
# of each kind and writes the answers to DIR/KIND.tsv, those of the tools of others
# to DIR/KIND.tools. Docker's daemon is ended with the machine.
set -u -o pipefail
cd "$(dirname "$0")/../.."
out=$1
shift
export PATH=$PWD/bin:/usr/sbin:/usr/bin:/sbin:/bin
work=$(mktemp -d /tmp/audit.XXXXXX)
chmod 755 "$work"
root=$work/root # on a tmpfs: the host's files, as the machine has them, cannot be idmapped
mkdir "$root" && tar -C "$root" -xf bin/audit/root.tar
mountpoint -q /sys/kernel/security || mount -t securityfs securityfs /sys/kernel/security

mini_up() { :; }
mini_run() { mini run --rootfs "$root" -- "$@"; }
mini_stay() { mini run -d --name audited --rootfs "$root" -- sleep 1000 >/dev/null; }
mini_pid() { mini state audited | grep -o '"pid": *[0-9]*' | grep -o '[0-9]*$'; }

podman_up() {
  printf '[containers]\nnetns = "none"\n[engine]\ncgroup_manager = "cgroupfs"\nevents_logger = "file"\n' >"$work/containers.conf"
  printf '[storage]\ndriver = "vfs"\nrunroot = "%s/run"\ngraphroot = "%s/storage"\n' "$work" "$work" >"$work/storage.conf"
  export CONTAINERS_CONF=$work/containers.conf CONTAINERS_STORAGE_CONF=$work/storage.conf
  podman import -q bin/audit/root.tar audit
}
podman_run() { podman run --rm audit "$@"; }
podman_stay() { podman run -d --name audited audit sleep 1000; }
podman_pid() { podman inspect --format '{{.State.Pid}}' audited; }

# containerd by itself: dockerd gives its own 15 seconds to come up, which on an
# emulated machine may be too few.
docker_up() {
  printf 'version = 2\ndisabled_plugins = ["io.containerd.grpc.v1.cri"]\nroot = "%s/containerd"\nstate = "%s/containerd.run"\n' \
    "$work" "$work" >"$work/containerd.toml"
  containerd --config "$work/containerd.toml" --address "$work/containerd.sock" >"$work/containerd.log" 2>&1 &
  for _ in $(seq 300); do [ -S "$work/containerd.sock" ] && break; sleep 0.2; done
  export DOCKER_HOST=unix://$work/docker.sock DOCKER_CONFIG=$work/config
  dockerd --containerd "$work/containerd.sock" --data-root "$work/docker" --exec-root "$work/exec" --pidfile "$work/dockerd.pid" \
    --host "$DOCKER_HOST" --bridge none --iptables=false --ip6tables=false --exec-opt native.cgroupdriver=cgroupfs >"$work/dockerd.log" 2>&1 &
  for _ in $(seq 300); do docker info >/dev/null 2>&1 && break; sleep 0.2; done
  docker import bin/audit/root.tar audit
}
docker_run() { docker run --rm audit "$@"; }
docker_stay() { docker run -d --name audited audit sleep 1000; }
docker_pid() { docker inspect --format '{{.State.Pid}}' audited; }

# tools is what tools of others say from inside, and of the container that stays from outside.
tools() {
  "${1}_run" /bin/capsh --print
  "${1}_run" /bin/captest
  "${1}_run" /bin/systemd-detect-virt --container
  "${1}_run" /bin/sh -c "systemd-detect-virt --private-users && echo 'private users' || echo 'no private users'"
  local pid
  pid=$("${1}_pid")
  getpcaps "$pid"
  pscap -a | grep "^ *[0-9]* *$pid "
}

# fuzzed calls every system call some thirty times with arguments of no sense. Files
# are those of a folder of its own: with all of /proc and /sys it waits in one for ever.
fuzzed() {
  "${1}_run" /bin/sh -c "mkdir /tmp/files && cd /tmp/files && echo x >file &&
    timeout -s INT 300 trinity --dangerous -q --stats -s 1 -N 20000 -T BAD_PAGE,DIE -C 2 -l off -V /tmp/files \\
      --disable-fds sockets --disable-fds perf --disable-fds drm"
}

for kind; do
  echo "audit of $kind" >&2
  "${kind}_up" >&2 && "${kind}_run" /bin/audit inside >"$out/$kind.tsv" && "${kind}_stay" >&2 &&
    bin/audit/audit outside "$("${kind}_pid")" >>"$out/$kind.tsv" || { echo "$kind: no answer" >&2; tail -n 5 "$work"/*.log >&2; }
  tools "$kind" >"$out/$kind.tools" 2>&1
  fuzzed "$kind" >"$out/$kind.trinity" 2>&1
  awk -v lists="$out/$kind.refused" -f hack/audit/trinity.awk "$out/$kind.trinity" >>"$out/$kind.tsv"
done
uname -r >"$out/kernel"
