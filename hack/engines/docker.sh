#!/bin/bash
# docker.sh - docker and a dockerd that has our runtime added to its own and
# takes it by default.
. "$(dirname "$0")/steps.sh"

export DOCKER_HOST=unix://$work/docker.sock DOCKER_CONFIG=$work/config PATH=/usr/sbin:/usr/bin:/sbin:/bin

title "the engine"
tar -C examples/rootfs -cf "$work/userland.tar" .
mkdir "$work/data"
echo file >"$work/data/name"
# runc is dockerd's own name for its own runtime: it cannot be added.
name=$RUNTIME
[ "$name" != runc ] || name=runc2
cat >"$work/no-mkdir.json" <<'JSON'
{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 1}]}
JSON
daemon dockerd 'docker info' dockerd --data-root "$work/root" --exec-root "$work/exec" --pidfile "$work/dockerd.pid" \
  --host "$DOCKER_HOST" --bridge none --iptables=false --ip6tables=false --exec-opt native.cgroupdriver=cgroupfs \
  --add-runtime "$name=$runtime_path" --default-runtime "$name"
check 0 "$name" docker info --format '{{.DefaultRuntime}}, cgroup v{{.CgroupVersion}}, {{.CgroupDriver}}'
check 0 '^sha256' docker import -c 'ENV PATH=/bin' "$work/userland.tar" userland

title "programs"
check 0 '^hello$' docker run --rm userland echo hello
check 7 - docker run --rm userland sh -c 'exit 7'
check 127 'no-such-program' docker run --rm userland no-such-program
check 126 'etc/passwd' docker run --rm userland /etc/passwd
on_terminal 0 '^/dev/pts/0 100x40$' docker run --rm -it userland sh -c 'until tty | grep -q 100x40; do sleep 0.1; done; tty'
check 0 '^uid=1000' docker run --rm --user 1000:1000 --cap-drop all --read-only --tmpfs /scratch --security-opt no-new-privileges userland \
  sh -c 'id; touch /scratch/x; caps'
check 0 '^file 42$' docker run --rm -v "$work/data:/data:ro" --env N=42 userland sh -c 'echo "$(cat /data/name) $N"'
check 0 '^1$' docker run --rm --sysctl net.ipv4.ip_forward=1 --ulimit nofile=100:200 --hostname box userland cat /proc/sys/net/ipv4/ip_forward

title "what a run may be given and denied"
check 0 'dockerd' docker run --rm --pid host userland ps
check 0 '^vm$' docker run --rm --uts host --network host userland hostname
check 0 '^net .* same$' docker run --rm --network host --pid host --privileged userland ns
check 0 'bounding .* sys_admin' docker run --rm --privileged userland caps
check 0 '^b.*vda$' docker run --rm --privileged userland ls -l /dev/vda
check 0 'seccomp +filter' docker run --rm userland caps
check 0 'seccomp +off' docker run --rm --security-opt seccomp=unconfined userland caps
check 1 'EPERM' docker run --rm --security-opt "seccomp=$work/no-mkdir.json" userland mkdir /tmp/x
check 0 '^docker-default \(enforce\)$' docker run --rm userland cat /proc/self/attr/current
check 127 'apparmor/exec' docker run --rm --security-opt apparmor=no-such-profile userland true
check 0 'bounding +net_raw$' docker run --rm --cap-drop all --cap-add NET_RAW userland caps
check 1 'read-only' docker run --rm --read-only userland touch /etc/x
check 0 'nofile +100 +200' docker run --rm --ulimit nofile=100:200 userland limits
check 0 '^/scratch +1024K' docker run --rm --tmpfs /scratch:size=1m userland df /scratch
check 0 '^c.* 1, +3 .*/dev/void$' docker run --rm --device /dev/null:/dev/void:r userland ls -l /dev/void
check 0 '^0$' docker run --rm --cpuset-cpus 0 userland cat /sys/fs/cgroup/cpuset.cpus.effective
check 0 '^500$' docker run --rm --oom-score-adj 500 userland cat /proc/self/oom_score_adj
check 0 '/sbin/docker-init -- ps' docker run --rm --init userland ps

title "created, started, copied from, executed in, stopped"
check 0 '' docker create --name made userland sh -c 'echo made >/tmp/file; signals'
check 0 '' docker start made
eventually '^made$' docker exec made cat /tmp/file
on_terminal 4 '^/dev/pts/0 ' docker exec -it made sh -c 'tty; exit 4'
check 126 'permission denied' docker exec made /etc/passwd
check 0 '' docker exec -d made sh -c 'echo later >/tmp/later'
eventually '^later$' docker exec made cat /tmp/later
check 0 '^docker-default \(enforce\)$' docker exec made cat /proc/self/attr/current
check 0 'bounding .* sys_admin' docker exec --privileged made caps
check 0 '' docker cp made:/tmp/file "$work/copied"
check 0 '/tmp/file' docker diff made
check 0 '' docker stop -t 2 made
check 0 '^(2|137)$' docker wait made
check 0 '' docker rm made

title "a service"
check 0 '' docker run -d --name web --health-cmd 'get http://127.0.0.1:8080/healthz' --health-interval 1s --health-retries 1 userland serve :8080
eventually '^hello from' docker exec web get http://127.0.0.1:8080/
eventually '^healthy$' docker inspect --format '{{.State.Health.Status}}' web
check 0 '' docker exec web get http://127.0.0.1:8080/fail
eventually '^unhealthy$' docker inspect --format '{{.State.Health.Status}}' web
check 3 - docker exec web sh -c 'exit 3'
check 0 'uid=1000.*/tmp$' docker exec --user 1000 --workdir /tmp web sh -c 'echo "$(id) $(pwd)"'
check 126 'no-such-program' docker exec web no-such-program
check 0 'serve' docker top web
check 0 '' docker pause web
check 0 '^paused$' docker inspect --format '{{.State.Status}}' web
check 1 'paused' docker exec web true
check 0 '' docker unpause web
check 0 '' docker run --rm --network container:web --pid container:web userland get http://127.0.0.1:8080/
check 0 '' docker restart -t 5 web
eventually '^hello from' docker exec web get http://127.0.0.1:8080/
check 0 '' docker kill web
check 0 '^137$' docker wait web
check 0 '' docker rm web

title "output of a program in the background, and a restart"
check 0 '' docker run -d --name talk --restart on-failure:2 userland sh -c 'echo one; echo two >&2; exit 5'
eventually '^2 exited 5$' docker inspect --format '{{.RestartCount}} {{.State.Status}} {{.State.ExitCode}}' talk
check 0 '^two$' docker logs talk
check 0 '' docker rm talk

title "limits"
check 0 '^33554432 50 50000 100000$' docker run --rm --memory 32m --pids-limit 50 --cpus 0.5 userland \
  sh -c 'cd /sys/fs/cgroup; echo $(cat memory.max pids.max cpu.max)'
check 137 '' docker run --name big --memory 32m --memory-swap 32m userland mem 100M
check 0 '^true$' docker inspect --format '{{.State.OOMKilled}}' big
check 0 '' docker rm big
check 0 '' docker run -d --name small --memory 32m userland sleep 1000
check 0 '' docker update --memory 64m --memory-swap 64m small
check 0 '^67108864$' docker exec small cat /sys/fs/cgroup/memory.max
check 0 '64MiB' docker stats --no-stream --format '{{.MemUsage}}' small
check 0 '' docker rm -f small
nothing_left docker
finished
