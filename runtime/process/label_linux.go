package process

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"

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

// explain: AppArmor answers a profile that is not loaded with ENOENT, from
// the write.
func (o setLabel) explain(f *calls.Failure, _ files) error {
	switch {
	case f.Call == writeCall && errors.Is(f, unix.ENOENT):
		return fmt.Errorf("%w (the profile is not loaded: apparmor_parser loads it, aa-status lists those that are)", f)
	case f.Call == writeCall && errors.Is(f, unix.EINVAL):
		return fmt.Errorf("%w (the loaded policy does not know this label)", f)
	}
	return f
}

func (o setLabel) String() string {
	return fmt.Sprintf("write /proc/thread-self/attr/%s: %s", o.files[0], o.label)
}

func (o setLabel) Shell() string {
	return "printf %s " + quote(o.label) + " >/proc/self/attr/" + o.files[0]
}
