package runtime

import (
	"fmt"

	"golang.org/x/sys/unix"

	"mini/namespaces/calls"
)

// shutFiles is the first that is done inside: what the program is not to have is closed
// when it begins.
type shutFiles struct {
	note
	from int
}

func (o shutFiles) Do() error { return calls.Do(o) }

func (o shutFiles) Calls(l *calls.List) {
	l.Call("", unix.SYS_CLOSE_RANGE, calls.N(o.from), calls.N(^uint32(0)), calls.N(unix.CLOSE_RANGE_CLOEXEC))
}

func (o shutFiles) String() string { return fmt.Sprintf("close_range %d- CLOSE_RANGE_CLOEXEC", o.from) }
func (o shutFiles) Shell() string  { return "" }

// shutOut keeps others from tracing what is not the program yet. execve ends it.
type shutOut struct{ note }

func (o shutOut) Do() error { return calls.Do(o) }

func (o shutOut) Calls(l *calls.List) { l.Prctl("", unix.PR_SET_DUMPABLE, calls.N(0)) }

func (o shutOut) String() string { return "prctl PR_SET_DUMPABLE 0" }
func (o shutOut) Shell() string  { return "" }

// shut plans both.
func (p *Plan) shut() error {
	p.add(Mount,
		shutFiles{note{why: "Descriptors of ours, and of our caller's, do not reach the program (close_range(2), CVE-2024-21626)"}, 3 + p.config.Fds},
		shutOut{note{why: "No process of a container may look into one that is not its program yet (ptrace(2), CVE-2016-9962)"}},
	)
	return nil
}
