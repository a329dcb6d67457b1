#!/bin/bash
# cri.sh [systemd] - what a kubelet asks of containerd's CRI, with our runtime as
# the handler that a RuntimeClass names. The configuration is that of
# examples/kubernetes, in the form that this containerd has as its own. With
# "systemd" the machine runs it, and it sets the limits.
. "$(dirname "$0")/steps.sh"

export CONTAINERD_ADDRESS=$work/containerd.sock
systemd=${1:+true}
if [ -n "$systemd" ]; then
  parent=/kubepods.slice/kubepods-u1.slice
  scope() { echo "/sys/fs/cgroup$parent/cri-containerd-$1.scope"; }
  # systemd removes the cgroup at once, with luck after the shim has read its
  # memory.events: of 12 ends by memory containerd 1.6 missed 2, with runc.
  oom='137.*(OOMKilled|Error)'
else
  parent=/kubepods/u1
  scope() { echo "/sys/fs/cgroup$parent/$1"; }
  oom=OOMKilled
fi
version=2 images='"io.containerd.grpc.v1.cri"' cri='"io.containerd.grpc.v1.cri"' sandbox_image='sandbox_image = "localhost/pause:1"'
if containerd --version | grep -q ' v\?2\.[0-9]*\.[0-9]'; then
  version=3 cri='"io.containerd.cri.v1.runtime"'
  images='"io.containerd.cri.v1.images".pinned_images' sandbox_image='sandbox = "localhost/pause:1"'
fi
handler=$RUNTIME
[ "$handler" != runc ] || handler=runc2 # the file lists runc beside mini
sed "s,/usr/local/bin/mini,$runtime_path,; s,\\.mini,.$handler,; s,SystemdCgroup = .*,SystemdCgroup = ${systemd:-false}," \
  "examples/kubernetes/containerd-v$version.toml" - >"$work/config.toml" <<CONF
[plugins.$images]
$sandbox_image
[plugins.$cri.cni]
bin_dir = "/usr/lib/cni"
conf_dir = "$work/cni"
CONF
sed -i "/^version/a root = \"$work/root\"\nstate = \"$work/state\"" "$work/config.toml"
cat >>"$work/config.toml" <<CONF
[grpc]
address = "$CONTAINERD_ADDRESS"
CONF
# A pair of interfaces for each pod: a pod is reached from here, and no further.
mkdir -p "$work/cni" "$work/logs"
cat >"$work/cni/10-pods.conflist" <<CONF
{"cniVersion": "0.4.0", "name": "pods", "plugins": [
  {"type": "ptp", "ipam": {"type": "host-local", "dataDir": "$work/ipam", "subnet": "10.99.0.0/24"}}]}
CONF
pod='"metadata": {"name": "web", "namespace": "default", "uid": "u1"}, "hostname": "web", "log_directory": "'$work/logs'", "linux": {"cgroup_parent": "'$parent'"}'

limits='"resources": {"memory_limit_in_bytes": "67108864", "cpu_quota": "50000", "cpu_period": "100000", "oom_score_adj": "900"}'
security='"security_context": {"run_as_user": {"value": "1000"}, "readonly_rootfs": true, "no_new_privs": true,'\
' "capabilities": {"drop_capabilities": ["ALL"]}, "seccomp": {"profile_type": "RuntimeDefault"},'\
' "masked_paths": ["/proc/kcore"], "readonly_paths": ["/proc/sys"]}'

# cri METHOD [REQUEST] - is the client with our socket.
mkdir "$work/bin"
printf '#!/bin/sh\nexec %s/bin/engines/cri unix://%s "$@"\n' "$PWD" "$CONTAINERD_ADDRESS" >"$work/bin/cri"
chmod +x "$work/bin/cri"
export PATH=$work/bin:$PATH
# id - the id in the last answer.
id() { sed -nE 's/.*"(pod_sandbox_id|container_id)": *"([^"]+)".*/\2/p' <<<"$answer"; }
# ask PATTERN METHOD [REQUEST] - makes a call that must succeed and keeps the answer.
ask() {
  check 0 "$1" cri "${@:2}"
  answer=$out
}
# container NAME ARGS [REST] - the request that creates one.
container() {
  printf '{"pod_sandbox_id": "%s", "sandbox_config": {%s}, "config": {"metadata": {"name": "%s"}, "image": {"image": "localhost/userland:1"}, "command": %s, "log_path": "%s.log"%s}}' \
    "$sandbox" "$pod" "$1" "$2" "$1" "${3:+, $3}"
}
# execute PATTERN STATUS CONTAINER ARGS - runs a command in a container. In an answer
# bytes are in base64.
execute() {
  ask '' ExecSync '{"container_id": "'"$3"'", "cmd": '"$4"'}'
  sed -nE 's/.*"stdout": *"([^"]*)".*/\1/p' <<<"$answer" | base64 -d | tee "$work/stdout"
  grep -Eq -- "$1" "$work/stdout" || failed "it should print $1"
  [ "$2" = 0 ] || grep -q "\"exit_code\": *$2" <<<"$answer" || failed "it should exit with $2"
}
# status PATTERN CONTAINER - waits until its status is like that.
status() { eventually "$1" cri ContainerStatus '{"container_id": "'"$2"'"}'; }

title "the engine"
check 0 "BinaryName = .$runtime_path" sh -c "containerd --config $work/config.toml config dump | grep -A 20 'runtimes.*$handler'"
image localhost/userland:1
cp "$work/userland.tar" "$work/user.tar"
image localhost/pause:1 '"/bin/sleep", "1000h"'
daemon containerd 'cri Version' containerd --config "$work/config.toml"
check 0 '' ctr -n k8s.io images import "$work/user.tar"
check 0 '' ctr -n k8s.io images import "$work/userland.tar"
ask 'NetworkReady", *"status": *true' Status

title "a pod"
ask '' RunPodSandbox '{"runtime_handler": "'"$handler"'", "config": {'"$pod"'}}'
sandbox=$(id)
ask '"ip"' PodSandboxStatus '{"pod_sandbox_id": "'"$sandbox"'"}'
ip=$(sed -nE 's/.*"ip": *"([^"]+)".*/\1/p' <<<"$answer")

title "a service in it, with limits, a user and Kubernetes' defaults for security"
ask '' CreateContainer "$(container web '["serve", ":8080"]' '"envs": [{"key": "N", "value": "NDI="}], "linux": {'"$limits, $security"'}')"
web=$(id)
ask '' StartContainer '{"container_id": "'"$web"'"}'
status 'CONTAINER_RUNNING' "$web"
eventually '^hello from web$' examples/rootfs/bin/get "http://$ip:8080/"
execute '^42 uid=1000' 3 "$web" '["sh", "-c", "echo $N $(id); exit 3"]'
execute '^67108864$' 0 "$web" '["cat", "/sys/fs/cgroup/memory.max"]'
check 1 'DeadlineExceeded|timeout' cri ExecSync '{"container_id": "'"$web"'", "cmd": ["sleep", "1000"], "timeout": "2"}'
ask 'working_set_bytes' ContainerStats '{"container_id": "'"$web"'"}'
ask '' UpdateContainerResources '{"container_id": "'"$web"'", "linux": {"memory_limit_in_bytes": "134217728"}}'
check 0 '^134217728$' cat "$(scope "$web")/memory.max"

title "a second container, in the network of the first"
ask '' CreateContainer "$(container side '["sh", "-c", "hostname; get http://127.0.0.1:8080/; exit 4"]')"
side=$(id)
ask '' StartContainer '{"container_id": "'"$side"'"}'
status '"exit_code": *4' "$side"
check 0 'stdout F hello from web' cat "$work/logs/side.log"
ask '' RemoveContainer '{"container_id": "'"$side"'"}'

title "one that uses more memory than it may, and one that cannot start"
ask '' CreateContainer "$(container big '["mem", "100M"]' '"linux": {"resources": {"memory_limit_in_bytes": "33554432"}}')"
big=$(id)
ask '' StartContainer '{"container_id": "'"$big"'"}'
status "CONTAINER_EXITED.*$oom" "$big"
ask '' RemoveContainer '{"container_id": "'"$big"'"}'
ask '' CreateContainer "$(container none '["no-such-program"]')"
none=$(id)
check 1 'no-such-program.*not found' cri StartContainer '{"container_id": "'"$none"'"}'
status '"reason": *"StartError"' "$none"
ask '' RemoveContainer '{"container_id": "'"$none"'"}'

title "a pod on the host, privileged"
host='"metadata": {"name": "host", "namespace": "default", "uid": "u2"}, "linux": {"cgroup_parent": "'$parent'", "security_context": '\
'{"privileged": true, "namespace_options": {"network": 2, "pid": 2, "ipc": 2}}}'
ask '' RunPodSandbox '{"runtime_handler": "'"$handler"'", "config": {'"$host"'}}'
second=$(id)
ask '' CreateContainer '{"pod_sandbox_id": "'"$second"'", "sandbox_config": {'"$host"'}, "config": {"metadata": {"name": "host"},
  "image": {"image": "localhost/userland:1"}, "command": ["sleep", "1000"], "linux": {"security_context": {"privileged": true,
  "namespace_options": {"network": 2, "pid": 2, "ipc": 2}}}}}'
box=$(id)
ask '' StartContainer '{"container_id": "'"$box"'"}'
execute 'bounding +all' 0 "$box" '["caps"]'
execute '^net .* same$' 0 "$box" '["ns"]'
execute '^pid .* same$' 0 "$box" '["ns"]'
ask '' StopPodSandbox '{"pod_sandbox_id": "'"$second"'"}'
ask '' RemovePodSandbox '{"pod_sandbox_id": "'"$second"'"}'

title "the end"
ask '' StopContainer '{"container_id": "'"$web"'", "timeout": "5"}'
status 'CONTAINER_EXITED' "$web"
ask '' RemoveContainer '{"container_id": "'"$web"'"}'
ask '' StopPodSandbox '{"pod_sandbox_id": "'"$sandbox"'"}'
ask '' RemovePodSandbox '{"pod_sandbox_id": "'"$sandbox"'"}'
ask '^[{][}]$' ListContainers
nothing_left "$(dirname "$parent")" "*?????????????????????????????????????????*"
finished
