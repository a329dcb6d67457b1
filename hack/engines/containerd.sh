#!/bin/bash
# containerd.sh - ctr and containerd, whose shim io.containerd.runc.v2 calls our
# runtime instead of runc.
. "$(dirname "$0")/steps.sh"

cat >"$work/config.toml" <<CONF
version = 2
root = "$work/root"
state = "$work/state"
disabled_plugins = ["io.containerd.grpc.v1.cri"]
[grpc]
address = "$work/containerd.sock"
CONF
export CONTAINERD_ADDRESS=$work/containerd.sock CONTAINERD_NAMESPACE=test
with="--runc-binary $runtime_path"
# ctr tells the size of the terminal when the program runs already.
sized='until tty | grep -q 100x40; do sleep 0.1; done; tty'
image localhost/userland:1
title "the engine"
daemon containerd 'ctr version' containerd --config "$work/config.toml"
check 0 'localhost/userland' ctr images import "$work/userland.tar"

title "programs"
check 0 '^hello$' ctr run --rm $with localhost/userland:1 t1 echo hello
check 7 - ctr run --rm $with localhost/userland:1 t2 sh -c 'exit 7'
check 1 'no-such-program' ctr run --rm $with localhost/userland:1 t3 no-such-program
on_terminal 0 '^/dev/pts/0 100x40$' ctr run --rm -t $with localhost/userland:1 t4 sh -c "$sized"
check 0 'seccomp +filter' ctr run --rm $with --read-only --cap-drop CAP_CHOWN --seccomp --env N=42 localhost/userland:1 t5 \
  sh -c 'echo $N; test ! -w /etc && caps'
check 0 '^ +0 +200000 +65536$' ctr run --rm $with --uidmap 0:200000:65536 --gidmap 0:200000:65536 localhost/userland:1 t6 cat /proc/self/uid_map

check 0 'bounding +all' ctr run --rm $with --privileged localhost/userland:1 t9 caps
check 0 '^net +[0-9]+ +at boot' ctr run --rm $with --net-host --with-ns pid:/proc/1/ns/pid localhost/userland:1 t10 ns
check 0 '^pid +[0-9]+ +at boot' ctr run --rm $with --with-ns pid:/proc/1/ns/pid localhost/userland:1 t13 ns
check 0 '^c.* 1, +5 .*/dev/zero$' ctr run --rm $with --device /dev/zero --mount "type=bind,src=$work,dst=/work,options=rbind:ro" \
  localhost/userland:1 t11 ls -l /dev/zero
check 0 '^/tmp$' ctr run --rm $with --cwd /tmp localhost/userland:1 t12 pwd

title "a service"
check 0 '' ctr run -d $with --log-uri "file://$work/web.out" localhost/userland:1 web serve :8080
eventually '^hello from' ctr tasks exec --exec-id e1 web get http://127.0.0.1:8080/
check 3 - ctr tasks exec --exec-id e2 web sh -c 'exit 3'
on_terminal 0 '^/dev/pts/0 100x40$' ctr tasks exec -t --exec-id e3 web sh -c "$sized"
check 1 'no-such-program' ctr tasks exec --exec-id e4 web no-such-program
check 0 'RUNNING' ctr tasks ls
check 0 '^[0-9]+' ctr tasks ps web
check 0 'pids.current' ctr tasks metrics web
check 0 '' ctr tasks pause web
check 0 'PAUSED' ctr tasks ls
check 0 '' ctr tasks resume web
check 0 'RUNNING' ctr tasks ls
check 0 '' ctr tasks kill --signal SIGKILL web
eventually 'STOPPED' ctr tasks ls
check 0 'code 137' ctr tasks delete web
check 0 '' ctr containers delete web

title "limits"
check 0 '' ctr run -d $with --memory-limit 33554432 --cpu-quota 50000 --cpu-period 100000 localhost/userland:1 t7 sleep 1000
check 0 '^33554432$' cat /sys/fs/cgroup/test/t7/memory.max
check 0 '^50000 100000$' cat /sys/fs/cgroup/test/t7/cpu.max
check 0 'code 137' ctr tasks delete --force t7
ctr events >"$work/events" &
daemons+=($!)
check 137 '' ctr run --rm $with --memory-limit 33554432 localhost/userland:1 t8 mem 100M
eventually '/tasks/oom .*t8' cat "$work/events"
nothing_left test
finished
