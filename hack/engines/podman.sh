#!/bin/bash
# podman.sh [user] - podman with our runtime, as root and as an ordinary user, or
# only as that.
. "$(dirname "$0")/steps.sh"

# settings DIR - podman's files below a directory of the scenario, no network, no
# systemd, and the name of the runtime.
settings() {
  cat >"$1/containers.conf" <<CONF
[containers]
netns = "none"
log_driver = "k8s-file"
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
runtime = "$RUNTIME"
[engine.runtimes]
$RUNTIME = ["$runtime_path"]
CONF
  cat >"$1/storage.conf" <<CONF
[storage]
driver = "vfs"
runroot = "$1/run"
graphroot = "$1/storage"
CONF
  export CONTAINERS_CONF=$1/containers.conf CONTAINERS_STORAGE_CONF=$1/storage.conf
}

as_root() {
  title "as root"
  check 0 '' podman import -q "$work/userland.tar" userland
  check 0 "$RUNTIME" podman info --format '{{.Host.OCIRuntime.Name}} {{.Host.OCIRuntime.Version}}'
  check 0 '^hello$' podman run --rm userland echo hello
  check 7 - podman run --rm userland sh -c 'exit 7'
  check 127 'no-such-program' podman run --rm userland no-such-program
  check 126 'etc/passwd' podman run --rm userland /etc/passwd
  on_terminal 0 '^/dev/pts/0 100x40$' podman run --rm -it userland tty
  check 0 '^uid=1000' podman run --rm --user 1000:1000 --cap-drop all --read-only --tmpfs /scratch userland sh -c 'id; touch /scratch/x; caps'
  check 0 '^file 42$' podman run --rm -v "$work/data:/data:ro" --env N=42 userland sh -c 'echo "$(cat /data/name) $N"'

  title "a service"
  check 0 '' podman run -d --name web --health-cmd 'get http://127.0.0.1:8080/healthz' --health-interval disable userland serve :8080
  eventually '^hello from' podman exec web get http://127.0.0.1:8080/
  check 0 '' podman ps --format '{{.Names}} {{.Status}}'
  check 3 - podman exec web sh -c 'exit 3'
  check 0 'uid=1000.*/tmp$' podman exec --user 1000 --workdir /tmp web sh -c 'echo "$(id) $(pwd)"'
  on_terminal 0 '^/dev/pts/0 100x40$' podman exec -it web tty
  check 127 'no-such-program' podman exec web no-such-program
  check 0 '' podman healthcheck run web
  check 0 '' podman exec web get http://127.0.0.1:8080/fail
  check 1 '' podman healthcheck run web
  check 0 '' podman pause web
  check 0 '^paused$' podman inspect --format '{{.State.Status}}' web
  check 255 'only .* running containers' podman exec web true
  check 0 '' podman unpause web
  check 0 '^running$' podman inspect --format '{{.State.Status}}' web
  check 0 '' podman run --rm --network container:web --pid container:web userland get http://127.0.0.1:8080/
  check 0 '' podman stop web
  check 0 '' podman start web
  eventually '^hello from' podman exec web get http://127.0.0.1:8080/
  check 0 '' podman kill --signal KILL web
  check 0 '^137$' podman wait web
  check 0 '' podman rm web

  title "output of a program in the background"
  check 0 '' podman run -d --name talk userland sh -c 'echo one; echo two >&2; exit 5'
  check 0 '^5$' podman wait talk
  check 0 '^two$' podman logs talk
  check 0 '' podman rm talk

  title "limits"
  check 0 '^33554432 50 50000 100000$' podman run --rm --memory 32m --pids-limit 50 --cpus 0.5 userland \
    sh -c 'cd /sys/fs/cgroup; echo $(cat memory.max pids.max cpu.max)'
  check 137 '' podman run --rm --memory 32m --memory-swap 32m userland mem 100M
  check 0 '' podman run -d --name small --memory 32m userland sleep 1000
  check 0 '' podman update --memory 64m small
  check 0 '^67108864$' podman exec small cat /sys/fs/cgroup/memory.max
  check 0 '' podman rm -f -t 0 small

  title "ids of its own"
  check 0 '^ +0 +200000 +65536$' podman run --rm --uidmap 0:200000:65536 --gidmap 0:200000:65536 userland cat /proc/self/uid_map
  nothing_left . 'libpod-*'
}

# as_user runs this file again as an ordinary user with ids of its own in
# /etc/subuid, a runtime directory and a cgroup, as a login gives them.
as_user() {
  useradd --create-home --shell /bin/bash tester
  local group=/sys/fs/cgroup/tester home
  home=/run/user/$(id -u tester)
  mkdir -p "$group/podman" "$home"
  echo '+memory +pids +cpu' >"$group/cgroup.subtree_control"
  chown tester: "$home" "$work"
  chown -R tester: "$group"
  bash -c 'echo $$ >$0/podman/cgroup.procs; exec "$@"' "$group" \
    setpriv --reuid tester --regid tester --init-groups --inh-caps=-all \
    env RUNTIME="$runtime_path" HOME=/home/tester USER=tester XDG_RUNTIME_DIR="$home" \
    bash "$PWD/hack/engines/podman.sh" rootless "$work/userland.tar"
}

rootless() {
  title "as an ordinary user"
  check 0 '' podman import -q "$1" userland
  check 0 '^uid=0' podman run --rm userland id
  check 0 " $(id -u) +1$" podman run --rm userland cat /proc/self/uid_map
  check 7 - podman run --rm userland sh -c 'exit 7'
  on_terminal 0 '^/dev/pts/0 100x40$' podman run --rm -it userland tty
  check 0 '' podman run -d --name web userland serve :8080
  eventually '^hello from' podman exec web get http://127.0.0.1:8080/
  check 0 '' podman kill --signal KILL web
  check 0 '^137$' podman wait web
  check 0 '' podman rm web
  check 0 '' podman run --rm --userns keep-id userland id
}

if [ "${1:-}" = rootless ]; then
  mkdir -p "$work/user"
  settings "$work/user"
  rootless "$2"
  [ $failures = 0 ]
  exit
fi
mkdir "$work/data"
echo file >"$work/data/name"
tar -C examples/rootfs -cf "$work/userland.tar" .
settings "$work"
[ "${1:-}" = user ] || as_root
as_user || exit
finished
