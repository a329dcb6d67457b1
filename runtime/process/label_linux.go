package process

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// setLabel writes an attribute of this thread (proc_pid_attr(5)).
type setLabel struct {
	note
	files []string // below attr/; where the kernel does not have the first, the next
	label string
}

// Do writes through a procfs that the container's mounts have no part in:
// otherwise a volume on /proc could take the label for us (CVE-2019-16884,
// CVE-2025-52881).
func (o setLabel) Do() error {
	proc, err := openProc()
	if err != nil {
		return err
	}
	defer unix.Close(proc)
	dir := fmt.Sprintf("%d/task/%d/attr/", os.Getpid(), unix.Gettid())
	for _, file := range o.files {
		if err = writeProc(proc, dir+file, o.label); !errors.Is(err, unix.ENOENT) || opened(err) {
			break
		}
	}
	return explainLabel(err)
}

// explainLabel: AppArmor answers a profile that is not loaded with ENOENT, from
// the write.
func explainLabel(err error) error {
	switch {
	case opened(err) && errors.Is(err, unix.ENOENT):
		return fmt.Errorf("%w (the profile is not loaded: apparmor_parser loads it, aa-status lists those that are)", err)
	case opened(err) && errors.Is(err, unix.EINVAL):
		return fmt.Errorf("%w (the loaded policy does not know this label)", err)
	}
	return err
}

func (o setLabel) String() string {
	return fmt.Sprintf("write /proc/thread-self/attr/%s: %s", o.files[0], o.label)
}

func (o setLabel) Shell() string {
	return "printf %s " + quote(o.label) + " >/proc/self/attr/" + o.files[0]
}
