#!/bin/sh
# The demo: limits that hold, and a service that breaks and is started again.
# Needs root and MINI, the path of the binary. Ends with 0 only if everything
# was seen as it should be.
set -u
cd "$(dirname "$0")" || exit 1
: "${MINI:?is to be the path of mini}"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
bad=0

title() { printf '\n== %s\n' "$1"; }

# show COMMAND…: run it in sight; its output is kept in $log, its status in $status.
show() {
	printf '$ %s\n' "$*" | sed "s|$MINI|mini|"
	{ "$@" 2>&1; echo "$?" >"$log.status"; } | tee "$log"
	read -r status <"$log.status"
	rm -f "$log.status"
	printf '(exit status %s)\n' "$status"
}

# want WHAT COMMAND…: the command has to succeed.
want() {
	what=$1
	shift
	if "$@"; then
		printf '   seen: %s\n' "$what"
	else
		printf '   NOT SEEN: %s\n' "$what"
		bad=1
	fi
}

seen() { grep -Eq -- "$1" "$log"; }
count() { [ "$(grep -Ec -- "$2" "$log")" -eq "$1" ]; }
is() { [ "$status" -eq "$1" ]; }
limitable() { grep -qw memory /sys/fs/cgroup/cgroup.controllers 2>/dev/null; }

title 'The userland of the examples, built from Go'
./build.sh || exit 1
"$MINI" version || exit 1

title 'A container: its own names, processes and users'
show "$MINI" run hello
want 'the program is pid 1 of its own pid namespace' seen '^1 +0 +root .* sh -c'
want 'a user namespace made later than the machine' seen '^user +[0-9]+ +later'
want 'status 0' is 0

if limitable; then
	title 'Limits: 32 MiB of memory, 20 processes, a fifth of a CPU'
	show "$MINI" run limits -- mem 100M
	want 'the kernel killed it' is 137
	want 'and mini says that memory was the reason' seen '^mini: .*out of memory'
	want 'it got to 25 MiB and never to 35' eval 'seen "^25M used" && ! seen "^35M used"'
	show "$MINI" run limits -- fork bomb
	want 'the fork that was one too many' seen '^1?[0-9] children, then fork: EAGAIN'
	show "$MINI" run limits -- burn 3
	want 'about a fifth of a CPU' seen ': (1[0-9]|2[0-9]|3[0-4]) %$'
else
	title 'Limits: not on this machine'
	echo 'It has no cgroup v2 controllers (mini doctor says more), so this part is left out.'
	echo 'What mini says if limits are asked for all the same:'
	show "$MINI" run limits -- true
	want 'a refusal, not a container without limits' is 125
fi

title 'The heartbeat: healthy for 2 s, then not; started again twice'
show "$MINI" run --restart on-failure:2 --health-cmd 'get http://127.0.0.1:8080/healthz' \
	--health-interval 500ms --health-retries 2 flaky
want 'the service came up three times' count 3 '^serving on '
want 'and broke three times' count 3 '^broken from now on'
want 'the restarts ran out: not status 0' eval '! is 0'

title 'Nothing is left behind'
show "$MINI" list
want 'no container' eval '! seen flaky && ! seen hello'

[ "$bad" -eq 0 ] && title 'Everything was seen as it should be' && exit 0
title 'Something was not as it should be: see NOT SEEN above'
exit 1
