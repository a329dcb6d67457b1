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
runtime_supports_json = ["$RUNTIME"]
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
  options
  lifecycle
  pod
  nothing_left . 'libpod-*'
}

# options - one flag of podman run after the other.
options() {
  title "what a run may be given and denied"
  check 0 'podman run' podman run --rm --pid host userland ps
  check 0 '^vm$' podman run --rm --uts host --network host userland hostname
  check 0 '^net .* same$' podman run --rm --network host --pid host --privileged userland ns
  check 0 'bounding +all' podman run --rm --privileged userland caps
  check 0 '^b.*vda$' podman run --rm --privileged userland ls -l /dev/vda
  check 0 'seccomp +filter' podman run --rm userland caps
  check 0 'seccomp +off' podman run --rm --security-opt seccomp=unconfined userland caps
  check 1 'EPERM|not permitted' podman run --rm --security-opt "seccomp=$work/no-mkdir.json" userland mkdir /tmp/x
  check 0 '^containers-default.* \(enforce\)$' podman run --rm userland cat /proc/self/attr/current
  check 0 'no_new_privs +yes' podman run --rm --security-opt no-new-privileges userland caps
  check 0 'bounding +none' podman run --rm --cap-drop all userland caps
  check 0 'bounding +net_raw$' podman run --rm --cap-drop all --cap-add NET_RAW userland caps
  check 1 'read-only' podman run --rm --read-only userland touch /etc/x
  check 0 'nofile +100 +200' podman run --rm --ulimit nofile=100:200 userland limits
  check 0 '^/scratch +1024K' podman run --rm --tmpfs /scratch:size=1m userland df /scratch
  check 0 '^c.* 1, +3 .*/dev/void$' podman run --rm --device /dev/null:/dev/void:r userland ls -l /dev/void
  check 0 '^1 42 /tmp$' podman run --rm --sysctl net.ipv4.ip_forward=1 --env N=42 --workdir /tmp userland \
    sh -c 'echo "$(cat /proc/sys/net/ipv4/ip_forward) $N $(pwd)"'
  check 0 '^0$' podman run --rm --cpuset-cpus 0 userland cat /sys/fs/cgroup/cpuset.cpus.effective
  check 0 '^500$' podman run --rm --oom-score-adj 500 userland cat /proc/self/oom_score_adj
  check 0 '/run/podman-init -- ps' podman run --rm --init userland ps
  check 126 'is not a directory|not a directory|permission denied' podman run --rm --workdir /etc/passwd userland true
}

# lifecycle - what happens to a container besides running.
lifecycle() {
  title "created, started, attached to, copied from, restarted"
  check 0 '' podman create --name made -i userland sh -c 'echo made >/tmp/file; cat'
  check 0 '' podman init made
  check 0 '^initialized$' podman inspect --format '{{.State.Status}}' made
  check 0 '' podman start made
  eventually '^made$' podman exec made cat /tmp/file
  check 0 '' podman cp made:/tmp/file "$work/copied"
  check 0 '' podman cp "$work/data/name" made:/tmp/name
  check 0 '^file$' podman exec made cat /tmp/name
  check 0 '/tmp/file' podman diff made
  check 0 'sh|cat' podman top made
  check 0 'made' podman stats --no-stream --format '{{.Name}} {{.CPUPerc}} {{.MemUsage}} {{.PIDs}}' made
  check 126 'permission denied' podman exec made /etc/passwd
  check 0 '' podman exec -d made sh -c 'echo later >/tmp/later'
  eventually '^later$' podman exec made cat /tmp/later
  check 0 'bounding +all' podman exec --privileged made caps
  check 125 'checkpoint' podman container checkpoint made
  check 0 '' podman restart -t 0 made
  eventually '^running$' podman inspect --format '{{.State.Status}}' made
  check 0 '' podman stop -t 1 made
  check 0 '^2$' podman wait made # a Go program that is process 1 and is sent a SIGTERM
  check 0 '' podman rm made

  title "a restart policy, a stop that is obeyed and one that is not"
  check 0 '' podman run -d --name again --restart on-failure:2 userland sh -c 'echo run; exit 5'
  eventually '^2 exited 5$' podman inspect --format '{{.RestartCount}} {{.State.Status}} {{.State.ExitCode}}' again
  check 0 '' podman rm again
  check 0 '' podman run -d --name good userland signals
  check 0 '' podman stop -t 20 good
  check 0 '^(0|143)$' podman wait good
  check 0 'TERM' podman logs good
  check 0 '' podman rm good
}

# pod - containers that share namespaces with one that only holds them. They do not
# share a cgroup: without systemd, podman 4.3 denies the pod's every device.
pod() {
  title "a pod"
  check 0 '' podman pod create --name two --infra-image localhost/userland --infra-command '/bin/sleep 1000h' --hostname both --share net,uts,ipc,pid --share-parent=false
  check 0 '' podman run -d --pod two --name server userland serve :8080
  eventually '^hello from both$' podman run --rm --pod two userland get http://127.0.0.1:8080/
  check 0 'serve :8080' podman run --rm --pod two userland ps
  check 0 'server' podman pod stats --no-stream --format '{{.Name}} {{.MemUsage}}' two
  check 0 '' podman pod pause two
  check 0 '^paused$' podman inspect --format '{{.State.Status}}' server
  check 0 '' podman pod unpause two
  check 0 '' podman pod stop -t 5 two
  check 0 '' podman pod rm two
}

# as_user runs this file again as an ordinary user with ids of its own in
# /etc/subuid, a runtime directory and a cgroup, as a login gives them. The user
# may not be allowed to look where this file is (/root).
as_user() {
  local group=/sys/fs/cgroup/tester home=/run/user/4242 here=$work/here
  mkdir "$here"
  mount --rbind "$PWD" "$here"
  echo 'tester:x:4242:4242::/home/tester:/bin/bash' >>/etc/passwd
  echo 'tester:x:4242:' >>/etc/group
  echo 'tester:400000:65536' | tee -a /etc/subuid >>/etc/subgid
  mkdir -p "$group/podman" "$home" /home/tester
  chown tester: /home/tester
  echo '+memory +pids +cpu' >"$group/cgroup.subtree_control"
  chown tester: "$home" "$work"
  chown -R tester: "$group"
  bash -c 'echo $$ >$0/podman/cgroup.procs; exec "$@"' "$group" \
    setpriv --reuid tester --regid tester --init-groups --inh-caps=-all \
    env RUNTIME="${runtime_path/#$PWD/$here}" HOME=/home/tester USER=tester XDG_RUNTIME_DIR="$home" \
    bash -c 'cd "$0" && exec bash hack/engines/podman.sh rootless "$1"' "$here" "$work/userland.tar"
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
  check 0 "^uid=$(id -u)" podman run --rm --userns keep-id userland id
  # A cgroup with processes in it has no children with limits (cgroups(7)), and this
  # shell is in the only one there is: where systemd makes them it is otherwise.
  check 126 'processes are in this cgroup' podman run --rm --memory 32m userland true
  check 127 'no-such-program' podman run --rm userland no-such-program
  check 0 'seccomp +filter' podman run --rm --read-only --cap-drop all --security-opt no-new-privileges --tmpfs /scratch userland \
    sh -c 'touch /scratch/x && caps'
  check 0 '' podman run -d --name idle --health-cmd true --health-interval disable userland sleep 1000
  on_terminal 4 '^/dev/pts/0 100x40$' podman exec -it idle sh -c 'tty; exit 4'
  check 0 '' podman healthcheck run idle
  check 0 '' podman pause idle
  check 0 '' podman unpause idle
  check 0 'idle' podman stats --no-stream --format '{{.Name}} {{.MemUsage}} {{.PIDs}}' idle
  check 0 '' podman stop -t 1 idle
  check 0 '' podman rm idle
}

if [ "${1:-}" = rootless ]; then
  mkdir -p "$work/user"
  settings "$work/user"
  rootless "$2"
  finished
  exit
fi
mkdir "$work/data"
echo file >"$work/data/name"
tar -C examples/rootfs -cf "$work/userland.tar" .
cat >"$work/no-mkdir.json" <<'JSON'
{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 1}]}
JSON
settings "$work"
[ "${1:-}" = user ] || as_root
as_user || failed "as an ordinary user"
finished
