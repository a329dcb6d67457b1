# steps.sh - what the scenarios share; sourced by bash. A scenario is commands
# as a user would type them. Each is shown with what it prints, and the first
# that does otherwise than it should ends the scenario; with GO_ON=1 it goes on.
set -u -o pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
RUNTIME=${RUNTIME:-mini}
runtime_path=$(PATH="$PWD/bin:$PATH" command -v -- "$RUNTIME") || { echo "no such runtime: $RUNTIME" >&2; exit 1; }
RUNTIME=${RUNTIME##*/}
engine=${0##*/}
engine=${engine%.sh}
work=$(mktemp -d "/tmp/engine.XXXXXX")
chmod 755 "$work"
daemons=()
failures=0 steps=0

# Only daemons that this scenario started are ended, and by pid.
cleanup() {
  local i
  for ((i = ${#daemons[@]} - 1; i >= 0; i--)); do
    kill "${daemons[i]}" 2>/dev/null && wait "${daemons[i]}" 2>/dev/null
  done
}
trap cleanup EXIT

title() { printf '\n# %s\n' "$*"; }
failed() {
  failures=$((failures + 1))
  printf '\n%s with %s: FAILED: %s\n' "$engine" "$RUNTIME" "$*"
  [ -z "${GO_ON:-}" ] || return
  for log in "$work"/*.log; do [ ! -s "$log" ] || { echo "--- ${log##*/}"; tail -n 15 "$log"; }; done
  exit 1
}
finished() {
  [ $failures = 0 ] || exit 1
  printf '\n%s with %s: %d steps, all as they should be (%d s)\n' "$engine" "$RUNTIME" $steps $SECONDS
}

# check STATUS PATTERN COMMAND... - COMMAND must end with STATUS and print, on
# stdout or stderr (kept in $out), what the extended regular expression finds. As
# PATTERN '' is anything and - is nothing at all.
check() {
  local status=$1 pattern=$2 got=0
  shift 2
  steps=$((steps + 1))
  printf '$ %s\n' "$(shown "$@")"
  out=$(timeout -k 5 120 "$@" 2>&1 <>"${input:-/dev/null}") || got=$?
  out=${out//$'\r'/}
  [ -z "$out" ] || printf '%s\n' "$out"
  [ "$got" = "$status" ] || failed "exit status $got, want $status"
  case $pattern in
    '') ;;
    -) [ -z "$out" ] || failed "it should print nothing" ;;
    *) grep -Eq -- "$pattern" <<<"$out" || failed "it should print $pattern" ;;
  esac
}

# eventually PATTERN COMMAND... - COMMAND must print it within 60 s.
eventually() {
  local pattern=$1 out end=$((SECONDS + 60))
  shift
  steps=$((steps + 1))
  printf '$ %s\n' "$(shown "$@")"
  while [ $SECONDS -lt $end ]; do
    out=$(timeout -k 5 60 "$@" 2>&1 </dev/null)
    if grep -Eq -- "$pattern" <<<"$out"; then printf '%s\n' "$out"; return; fi
    sleep 0.2
  done
  printf '%s\n' "$out"
  failed "it never printed $pattern"
}

# on_terminal STATUS PATTERN COMMAND... - the same, with a terminal of 40 lines and
# 100 columns.
on_terminal() {
  [ -p "$work/keyboard" ] || mkfifo "$work/keyboard"
  local input=$work/keyboard # at its end, script(1) would type a ^D
  check "$1" "$2" script -qec "stty rows 40 cols 100; $(shown "${@:3}")" /dev/null
}

# shown prints a command as one would type it.
shown() {
  local word line=
  for word; do
    case $word in
      '' | *[!A-Za-z0-9_./:=@%,+-]*) line+=" '${word//\'/\'\\\'\'}'" ;;
      *) line+=" $word" ;;
    esac
  done
  echo "${line# }"
}

# daemon NAME READY COMMAND... - starts COMMAND, waits until READY succeeds.
daemon() {
  local name=$1 ready=$2 i
  shift 2
  printf '$ %s &\n' "$(shown "$@")"
  "$@" >"$work/$name.log" 2>&1 &
  daemons+=($!)
  for ((i = 0; i < 600; i++)); do
    $ready >/dev/null 2>&1 && return
    kill -0 "${daemons[-1]}" 2>/dev/null || failed "$name ended"
    sleep 0.2
  done
  failed "$name is not ready"
}

# nothing_left PARENT [NAME] - no cgroup below /sys/fs/cgroup/PARENT is left (that
# has a name like NAME). The parent is the engine's, if not gone as well.
nothing_left() {
  local left
  [ -d "/sys/fs/cgroup/$1" ] || return 0
  left=$(find "/sys/fs/cgroup/$1" -mindepth 1 -type d -name "${2:-*}")
  [ -z "$left" ] || failed "left behind: $left"
}

# image NAME [COMMAND] - writes $work/userland.tar, an OCI image archive of the
# examples' root, as tools that build images do (image-spec, image-layout.md).
image() {
  local dir=$work/image layer config manifest
  rm -rf "$dir"
  mkdir -p "$dir/blobs/sha256"
  tar -C examples/rootfs -cf "$work/layer" .
  layer=$(blob "$work/layer")
  cat >"$work/config" <<JSON
{"architecture": "$(go_arch)", "os": "linux",
 "config": {"Env": ["PATH=/bin"], "Cmd": [${2:-\"/bin/sh\"}]},
 "rootfs": {"type": "layers", "diff_ids": ["sha256:${layer%% *}"]}}
JSON
  config=$(blob "$work/config")
  cat >"$work/manifest" <<JSON
{"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
 "config": $(descriptor application/vnd.oci.image.config.v1+json "$config"),
 "layers": [$(descriptor application/vnd.oci.image.layer.v1.tar "$layer")]}
JSON
  manifest=$(blob "$work/manifest")
  echo '{"imageLayoutVersion": "1.0.0"}' >"$dir/oci-layout"
  cat >"$dir/index.json" <<JSON
{"schemaVersion": 2, "manifests": [
 $(descriptor application/vnd.oci.image.manifest.v1+json "$manifest" "\"annotations\": {\"io.containerd.image.name\": \"$1\"}")]}
JSON
  tar -C "$dir" -cf "$work/userland.tar" .
}

# blob FILE - moves it into the image and prints its digest and size.
blob() {
  local digest size
  digest=$(sha256sum <"$1") size=$(stat -c %s "$1")
  mv "$1" "$work/image/blobs/sha256/${digest%% *}"
  echo "${digest%% *} $size"
}

descriptor() {
  printf '{"mediaType": "%s", "digest": "sha256:%s", "size": %s%s}' "$1" "${2% *}" "${2#* }" "${3:+, $3}"
}

go_arch() { case $(uname -m) in x86_64) echo amd64 ;; aarch64) echo arm64 ;; *) uname -m ;; esac; }
