package runtime

import (
	"fmt"
	"os"
	"slices"
	"syscall"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// Shelter executes this program anew, as one that nothing can write to, if it is
// about to start processes among those of a container that may trace them. It then
// does not return; before it nothing may have been done.
//
// What we fork is a copy of us until it executes init, and for that moment its
// /proc/PID/exe is our own file on the host. Who may trace it can open that, wait
// until we have ended, and write to it (CVE-2019-5736). A user namespace of the
// container's own prevents that, and so does the lack of CAP_SYS_PTRACE, so that
// few containers have to pay for it, with some milliseconds. Of a capability that
// only another exec was given we do not know.
//
// alone says that we start the container's first process and no other.
func Shelter(spec *specs.Spec, alone bool) error {
	if os.Geteuid() != 0 || !traces(spec, alone) || sheltered() {
		return nil
	}
	self, err := openSelf("/run")
	if err != nil {
		return fmt.Errorf("open the own binary: %w", err)
	}
	return fmt.Errorf("execute the own binary: %w",
		syscall.Exec(fmt.Sprintf("/proc/self/fd/%d", self.Fd()), os.Args, os.Environ()))
}

// traces tells whether processes of the container, or of those whose pid namespace
// it joins, may trace what root of the host starts there.
func traces(spec *specs.Spec, alone bool) bool {
	joins := false
	if spec.Linux != nil {
		for _, ns := range spec.Linux.Namespaces {
			if ns.Type == specs.UserNamespace {
				return false
			}
			joins = joins || ns.Type == specs.PIDNamespace && ns.Path != ""
		}
	}
	p := spec.Process
	return joins || !alone && p != nil && p.Capabilities != nil && slices.Contains(p.Capabilities.Bounding, "CAP_SYS_PTRACE")
}

// sheltered tells whether nobody can write to what we were executed from, by the
// way that leads there from /proc/PID/exe.
func sheltered() bool {
	exe, err := os.Open("/proc/self/exe")
	if err != nil {
		return false
	}
	defer exe.Close()
	return unwritable(exe)
}

// unwritable: on a read-only mount, as what selfView opens, or sealed, as what
// selfCopy makes.
func unwritable(exe *os.File) bool {
	var fs unix.Statfs_t
	if unix.Fstatfs(int(exe.Fd()), &fs) == nil && fs.Flags&unix.ST_RDONLY != 0 {
		return true
	}
	seals, err := unix.FcntlInt(exe.Fd(), unix.F_GET_SEALS, 0)
	return err == nil && seals&unix.F_SEAL_WRITE != 0
}
