package main

import (
	"fmt"
	"io"
	"strings"

	"mini/runtime"
)

// printScript writes the plan as a script of POSIX sh: the steps of the
// parent, then the unshare of the clone step around those of init. $R is the
// new root directory, $S a scratch directory; both are made by mktemp.
// pivot_root comes last of init's steps, because a shell needs the host's
// tools for the others.
func printScript(w io.Writer, p *runtime.Plan) {
	var outside, inside, pivot, last []runtime.Step
	clone := ""
	for _, s := range p.Steps {
		switch {
		case strings.HasPrefix(s.String(), "clone3"):
			clone = s.Shell()
		case s.Stage <= runtime.Spawn:
			outside = append(outside, s)
		case strings.HasPrefix(s.String(), "pivot_root"), strings.HasPrefix(s.String(), "umount"):
			pivot = append(pivot, s)
		case s.Stage == runtime.Last:
			last = append(last, s)
		case s.Stage != runtime.Hooks && s.Stage != runtime.Poststart:
			inside = append(inside, s)
		}
	}
	fmt.Fprint(w, "#!/bin/sh\n# The same container by hand; run as root.\nset -eu\nexport R S\nR=$(mktemp -d) S=$(mktemp -d)\n\n")
	lines(w, outside)
	fmt.Fprint(w, "\ninside=$(cat <<'INSIDE'\nset -eu\n")
	lines(w, inside)
	lines(w, pivot)
	lines(w, last)
	fmt.Fprintf(w, "INSIDE\n)\n%s sh -c \"$inside\"\n", clone)
}

// lines writes steps as commands, each below its text; what a shell cannot do
// is left as a comment.
func lines(w io.Writer, steps []runtime.Step) {
	for _, s := range steps {
		fmt.Fprintln(w, "# "+strings.ReplaceAll(s.String(), "\n", "\n# "))
		if sh := s.Shell(); sh != "" {
			fmt.Fprintln(w, sh)
		}
	}
}
