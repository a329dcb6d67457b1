package main

import (
	"fmt"
	"io"
	"strings"

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
		case step.Stage == runtime.Last && !hostTool(name), name == "process.findHome":
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
	inside := "set -eu\numask 022\n" + lines(s.inside) + lines(s.after)
	outside := scriptHead + lines(s.before) +
		"\n# The steps of init.\ninside=" + heredoc("INSIDE", inside) + "\n" +
		fmt.Sprintf(scriptClone, comment(s.clone.String()), s.clone.Shell()) +
		lines(s.beside) + lines([]runtime.Step{s.release}) + scriptEnd
	fmt.Fprint(w, scriptAbout, "exec \"$@\" sh -c \"", heredoc("OUTSIDE", outside), "\"\n")
}

// heredoc makes one word of a text, whatever is in it.
func heredoc(end, text string) string {
	for strings.Contains(text, end) {
		end += "_"
	}
	return "$(cat <<'" + end + "'\n" + text + end + "\n)"
}

// comment keeps every line of a text from being run.
func comment(text string) string { return "# " + strings.ReplaceAll(text, "\n", "\n# ") }

// lines writes steps as commands, each below its text.
func lines(steps []runtime.Step) string {
	var b strings.Builder
	for _, s := range steps {
		fmt.Fprintln(&b, comment(s.String()))
		if sh := s.Shell(); sh != "" {
			fmt.Fprintln(&b, sh)
		}
	}
	return b.String()
}
