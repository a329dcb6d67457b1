package process

import (
	"fmt"

	"mini/namespaces/calls"
)

// setLabel writes an attribute of this thread (proc_pid_attr(5)).
type setLabel struct {
	note
	files []string // below attr/; where the kernel does not have the first, the next
	label string
}

func (o setLabel) Do() error { return doAndExplain(o) }

// Calls writes through a procfs that the container's mounts have no part in:
// otherwise a volume on /proc could take the label for us (CVE-2019-16884,
// CVE-2025-52881).
func (o setLabel) Calls(l *calls.List) {
	proc := openProc(l)
	var files []string
	for _, file := range o.files {
		files = append(files, "attr/"+file)
	}
	writeOwn(l, proc, files, o.label)
	l.Close(proc.Arg())
}

func (o setLabel) words() Words { return Words{} }

func (o setLabel) String() string {
	return fmt.Sprintf("write /proc/thread-self/attr/%s: %s", o.files[0], o.label)
}

func (o setLabel) Shell() string {
	return "printf %s " + quote(o.label) + " >/proc/self/attr/" + o.files[0]
}
