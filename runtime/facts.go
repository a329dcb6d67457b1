package runtime

import (
	"os"

	"mini/cgroups"
	"mini/namespaces"
	"mini/rootfs"
	"mini/runtime/process"
	"mini/runtime/stdio"
)

// Facts is all that planning knows of the host. It is probed once, by the
// parent, and sent to init, so that both make the same plan.
type Facts struct {
	Namespaces namespaces.Facts
	Cgroups    cgroups.Facts
	Rootfs     rootfs.Facts
	Process    process.Facts
	Stdio      stdio.Facts
}

// Probe asks the kernel. It is part of every start and makes a handful of
// system calls.
func Probe() (f Facts, err error) {
	if f, err = probeFurther(); err != nil {
		return f, err
	}
	f.Cgroups, err = cgroups.Probe()
	return f, err
}

// probeFurther asks for all but cgroups: a process in a container that is there gets
// none of those made.
func probeFurther() (f Facts, err error) {
	if f.Namespaces, err = namespaces.Probe(); err != nil {
		return f, err
	}
	if f.Rootfs, err = rootfs.Probe(); err != nil {
		return f, err
	}
	f.Stdio.TTY = isTerminal(os.Stdin)
	f.Process, err = process.Probe()
	return f, err
}
