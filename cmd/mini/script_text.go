package main

// scriptAbout begins the script, which goes on in a mount namespace of its own: a
// lazy umount of what is bound outside could else reach the host.
const scriptAbout = `#!/bin/sh
# The same container by hand: run as root, or as the ordinary user that planned it. A
# step that a shell has no way to do, such as loading a seccomp filter, is left as a
# comment. The terminal is your own, not a new one. Paths in the new root are taken as
# they are, links included: it should be one that you trust.
#
# Outside: mount, unshare, nsenter, setpriv, prlimit of util-linux, ip or ifconfig;
# perl if mount is older than 2.39 and files of the host are shown by other ids.
# In the new root: umount -l, env -i, and setpriv as util-linux has it.
set -- # an ordinary user mounts nothing outside
[ "$(id -u)" != 0 ] || set -- unshare --mount --propagation slave
`

// scriptHead is what all steps need.
const scriptHead = `set -eu
export R S L inside
PATH=$PATH:/usr/sbin:/sbin # of those who may lack it, for pivot_root
umask 022
T=/tmp/mini-script.XXXXXX # where those who are root inside get to as well
exec 3<&0 # what is in the background does not get it by itself
R=$(mktemp -d "$T") S=$(mktemp -d "$T") L=$(mktemp -d "$T") cgroup= pid=
chmod 711 "$R" "$S" "$L"

tidy() {
	set +e
	if [ -n "$pid" ]; then kill -KILL $(cat /proc/"$pid"/task/"$pid"/children) "$pid"; wait "$pid"; fi
	umount -l "$L"
	for place in "$L"/*; do rmdir "$place" || rm -f "$place"; done
	rm -f "$S"/ready "$S"/go
	rmdir "$R" "$S" "$L"
	for try in 1 2 3 4 5; do
		[ -d "$cgroup" ] || break
		echo 1 > "$cgroup"/cgroup.kill
		find "$cgroup" -depth -type d -exec rmdir {} + || sleep 0.2
	done
} 2>/dev/null
trap tidy EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# idmap PATH BY [recursive]: the mount at PATH shows its files by the ids of a user
# namespace (BY is its file) or by a list of ids. mount of util-linux 2.39 can do it;
# an older one ignores the option. Then perl calls open_tree, mount_setattr, move_mount.
idmap() {
	mount --"${3:+r}"bind -o X-mount.idmap="$2" "$1" "$1"
	grep -q "^[^-]* $1 [^ ]*idmapped" /proc/self/mountinfo || perl -e '
		my ($path, $by, $recursive) = (@ARGV, "");
		my $r = $recursive ? 0x8000 : 0;
		open(my $ns, "<", $by) or die "$by: $!\n";
		my $tree = syscall(428, -100, $path, 0x80001 | $r);
		$tree >= 0 or die "open_tree $path: $!\n";
		my $attr = pack("Q4", 0x100000, 0, 0, fileno($ns));
		syscall(442, $tree, my $empty = "", 0x1000 | $r, $attr, 32) == 0 or die "mount_setattr $path: $!\n";
		syscall(429, $tree, $empty, -100, $path, 4) == 0 or die "move_mount $path: $!\n";
	' "$@"
}

mkfifo "$S"/ready "$S"/go
[ "$(id -u)" != 0 ] || mount -t tmpfs -o mode=711 sources "$L"

`

const scriptClone = `%s
{
	exec <&3 3<&- 8>"$S"/ready # 8 is closed at the latest when this ends
	[ -z "$cgroup" ] || echo 0 > "$cgroup"/cgroup.procs
	exec %s sh -c "$inside"
} &
pid=$!
read -r _ <"$S"/ready
`

const scriptEnd = `wait "$pid" && status=0 || status=$?
pid=
exit "$status"
`
