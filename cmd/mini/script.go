package main

import (
	"fmt"
	"io"

	"mini/runtime"
)

// script is the plan as POSIX sh, in the parts that a shell has to do in
// another order or place than mini.
type script struct {
	before  []runtime.Step
	clone   runtime.Step
	beside  []runtime.Step // to the process that was cloned, while it waits
	release runtime.Step
	inside  []runtime.Step // with the host's tools
	after   []runtime.Step // the pivot and all that comes after it, with those of the new root
}

func newScript(p *runtime.Plan) script {
	var s script
	var last []runtime.Step
	for _, step := range p.Steps {
		switch name := step.Name(); {
		case name == "namespaces.clone":
			s.clone = step
		case name == "namespaces.release":
			s.release = step
		case name == "rootfs.pivotRoot", name == "rootfs.detachOld", name == "rootfs.dropScratch":
			s.after = append(s.after, step)
		case step.Stage == runtime.Prepare:
			s.before = append(s.before, step)
		case step.Stage == runtime.Last && !hostTool(name):
			last = append(last, step)
		case step.Stage.Who() == "init":
			s.inside = append(s.inside, step)
		case step.Stage != runtime.Poststart:
			s.beside = append(s.beside, step)
		}
	}
	s.after = append(s.after, last...)
	return s
}

// hostTool says whether one of the last steps has a tool that a new root is
// seldom furnished with: chrt, ionice, taskset. Its effect outlasts the pivot.
func hostTool(name string) bool {
	return name == "process.setScheduler" || name == "process.setIOPriority" || name == "process.pin"
}

// printScript writes a script that gets the same container by hand. Its
// variables: $R is the new root, $S scratch space, $L the place of what is
// opened of the host, $pid the process in the new namespaces, $cgroup its
// cgroup.
func printScript(w io.Writer, p *runtime.Plan) {
	s := newScript(p)
	fmt.Fprint(w, scriptHead)
	lines(w, s.before)
	fmt.Fprint(w, "\n# The steps of init.\ninside=$(cat <<'INSIDE'\nset -eu\numask 022\n")
	lines(w, s.inside)
	lines(w, s.after)
	fmt.Fprint(w, "INSIDE\n)\n\n")
	fmt.Fprintf(w, scriptClone, s.clone, s.clone.Shell())
	lines(w, s.beside)
	lines(w, []runtime.Step{s.release})
	fmt.Fprint(w, scriptEnd)
}

// lines writes steps as commands, each below its text.
func lines(w io.Writer, steps []runtime.Step) {
	for _, s := range steps {
		fmt.Fprintln(w, "# "+s.String())
		if sh := s.Shell(); sh != "" {
			fmt.Fprintln(w, sh)
		}
	}
}
