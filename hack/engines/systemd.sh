#!/bin/bash
# systemd.sh - podman and docker where systemd keeps the cgroups, which is their
# default, with the settings of examples/engines. Needs systemd as process 1.
. "$(dirname "$0")/steps.sh"

tar -C examples/rootfs -cf "$work/userland.tar" .
sed "s,/usr/local/bin/mini,$runtime_path,; s,\"mini\",\"$RUNTIME\",; s,^mini,$RUNTIME," examples/engines/containers.conf - >"$work/containers.conf" <<CONF
[containers]
netns = "none"
log_driver = "k8s-file"
CONF
sed -i '/^\[engine\]/a events_logger = "file"' "$work/containers.conf"
cat >"$work/storage.conf" <<CONF
[storage]
driver = "vfs"
runroot = "$work/run"
graphroot = "$work/storage"
CONF
export CONTAINERS_CONF=$work/containers.conf CONTAINERS_STORAGE_CONF=$work/storage.conf

title "podman"
check 0 '' podman import -q "$work/userland.tar" userland
check 0 "^$RUNTIME systemd$" podman info --format '{{.Host.OCIRuntime.Name}} {{.Host.CgroupManager}}'
check 0 '^33554432 50 50000 100000$' podman run --rm --memory 32m --pids-limit 50 --cpus 0.5 userland \
  sh -c 'cd /sys/fs/cgroup; echo $(cat memory.max pids.max cpu.max)'
check 0 '' podman run -d --name web --memory 32m userland serve :8080
check 0 '/machine.slice/libpod-[0-9a-f]*.scope' podman inspect --format '{{.State.CgroupPath}}' web
eventually '^hello from' podman exec web get http://127.0.0.1:8080/
check 0 '' podman update --memory 64m web
check 0 '^67108864$' podman exec web cat /sys/fs/cgroup/memory.max
check 0 'web' podman stats --no-stream --format '{{.Name}} {{.MemUsage}}' web
check 0 '' podman pause web
check 0 '' podman unpause web
check 0 '' podman stop -t 2 web
check 0 '' podman rm web

title "a pod, with a cgroup of its own"
check 0 '' podman pod create --name two --infra-image localhost/userland --infra-command '/bin/sleep 1000h' --hostname both --share net,uts,ipc,pid
check 0 '' podman run -d --pod two --name server userland serve :8080
eventually '^hello from both$' podman run --rm --pod two userland get http://127.0.0.1:8080/
check 0 'serve :8080' podman run --rm --pod two userland ps
check 0 '/machine.slice/machine-libpod_pod_.*.slice/libpod-.*.scope' podman inspect --format '{{.State.CgroupPath}}' server
check 0 '' podman pod stop -t 2 two
check 0 '' podman pod rm two
nothing_left machine.slice 'libpod-*'

title "docker"
export DOCKER_HOST=unix://$work/docker.sock DOCKER_CONFIG=$work/config PATH=/usr/sbin:/usr/bin:/sbin:/bin
name=$RUNTIME
[ "$name" != runc ] || name=runc2 # runc is dockerd's own name for its own runtime
sed "s,/usr/local/bin/mini,$runtime_path,; s,\"mini\",\"$name\"," examples/engines/daemon.json >"$work/daemon.json"
daemon dockerd 'docker info' dockerd --config-file "$work/daemon.json" --data-root "$work/root" --exec-root "$work/exec" \
  --pidfile "$work/dockerd.pid" --host "$DOCKER_HOST" --bridge none --iptables=false --ip6tables=false
check 0 "^$name, cgroup v2, systemd" docker info --format '{{.DefaultRuntime}}, cgroup v{{.CgroupVersion}}, {{.CgroupDriver}}'
check 0 '^sha256' docker import -c 'ENV PATH=/bin' "$work/userland.tar" userland
check 0 '' docker run -d --name web --memory 32m --cpus 0.5 userland serve :8080
eventually '^hello from' docker exec web get http://127.0.0.1:8080/
check 0 '^33554432 50000 100000$' docker exec web sh -c 'cd /sys/fs/cgroup; echo $(cat memory.max cpu.max)'
check 0 '' docker update --memory 64m --memory-swap 64m web
check 0 '^67108864$' docker exec web cat /sys/fs/cgroup/memory.max
check 0 '64MiB' docker stats --no-stream --format '{{.MemUsage}}' web
check 0 '' docker stop -t 2 web
check 0 '' docker rm web
check 137 '' docker run --name big --memory 32m --memory-swap 32m userland mem 100M
check 0 '^137$' docker inspect --format '{{.State.ExitCode}}' big # OOMKilled by luck, see cri.sh
check 0 '' docker rm big
nothing_left system.slice 'docker-*'
finished
