package main

import (
	"fmt"
	"io"

	"mini/runtime"
)

// script is the plan as POSIX sh, in the parts that a shell has to do in
// another order or place than mini.
type script struct {
	outside []runtime.Step // before and beside the clone
	clone   runtime.Step
	spawn   []runtime.Step // to the process that was cloned
	inside  []runtime.Step
	pivot   []runtime.Step // after all that needs the host's tools
	last    []runtime.Step
}

func newScript(p *runtime.Plan) script {
	var s script
	for _, step := range p.Steps {
		switch name := step.Name(); {
		case name == "namespaces.clone":
			s.clone = step
		case name == "rootfs.pivotRoot", name == "rootfs.detachOld", name == "rootfs.dropScratch":
			s.pivot = append(s.pivot, step)
		case step.Stage == runtime.Prepare:
			s.outside = append(s.outside, step)
		case step.Stage == runtime.Spawn, step.Stage == runtime.Late:
			s.spawn = append(s.spawn, step)
		case step.Stage == runtime.Last:
			s.last = append(s.last, step)
		case step.Stage.Who() == "init", step.Stage == runtime.Open:
			s.inside = append(s.inside, step)
		}
	}
	return s
}

// printScript writes a script that gets the same container by hand, with
// unshare, mount and pivot_root. $R is the new root, $S scratch space, $pid
// the process in the new namespaces, $cgroup its cgroup.
func printScript(w io.Writer, p *runtime.Plan) {
	s := newScript(p)
	fmt.Fprint(w, head)
	lines(w, s.outside)
	fmt.Fprint(w, "\ninside=$(cat <<'INSIDE'\nset -eu\n")
	lines(w, s.inside)
	lines(w, s.pivot)
	lines(w, s.last)
	fmt.Fprint(w, "INSIDE\n)\n")
	fmt.Fprintf(w, clone, s.clone, s.clone.Shell())
	lines(w, s.spawn)
	fmt.Fprint(w, "wait \"$pid\"\n")
}

const head = `#!/bin/sh
# The same container by hand; run as root. What a shell has no way to do is left
# as a comment.
set -eu
export R S inside
R=$(mktemp -d) S=$(mktemp -d) cgroup=
trap 'rm -f "$S"/go; rmdir "$R" "$S"; [ -z "$cgroup" ] || rmdir "$cgroup"' EXIT
mkfifo "$S"/go

`

const clone = `
# What waits in the new namespaces until it is told to go on.
wait='read -r _ < "$S"/go; exec setpriv --reuid 0 --regid 0 --clear-groups sh -c "$inside"'

# %s
{ [ -z "$cgroup" ] || echo 0 > "$cgroup"/cgroup.procs; exec %s sh -c "$wait"; } <&0 &
pid=$!
while kill -0 "$pid" && [ /proc/"$pid"/ns/mnt -ef /proc/self/ns/mnt ]; do sleep 0.1; done
`

// lines writes steps as commands, each below its text.
func lines(w io.Writer, steps []runtime.Step) {
	for _, s := range steps {
		fmt.Fprintln(w, "# "+s.String())
		if sh := s.Shell(); sh != "" {
			fmt.Fprintln(w, sh)
		}
	}
}
