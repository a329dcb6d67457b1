package namespaces

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// Probe looks at the running kernel and at our own privileges.
func Probe() (Facts, error) {
	privileged, err := privileged()
	if err != nil {
		return Facts{}, fmt.Errorf("capget: %w", err)
	}
	f := Facts{Privileged: privileged, UID: uint32(os.Geteuid()), GID: uint32(os.Getegid())}
	if !privileged {
		f.UIDs, f.GIDs = probeGrants(f.UID)
	}
	for _, k := range kinds {
		var link [1]byte // enough to know that it is there (proc_pid_ns(5))
		_, err := unix.Readlink("/proc/self/ns/"+k.file, link[:])
		if err == unix.ENOENT {
			f.Missing = append(f.Missing, k.typ)
		} else if err != nil {
			return Facts{}, fmt.Errorf("readlink /proc/self/ns/%s: %w", k.file, err)
		}
	}
	return f, f.noProc()
}

// noProc is an error if not one type is there: then it is /proc that is missing.
func (f Facts) noProc() error {
	if len(f.Missing) == len(kinds) {
		return fmt.Errorf("look at /proc/self/ns: %w", unix.ENOENT)
	}
	return nil
}

// privileged is true if we may map any id of our own user namespace. Mapping id
// 0 also needs CAP_SETFCAP since Linux 5.12.
func privileged() (bool, error) {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData
	if err := unix.Capget(&header, &data[0]); err != nil {
		return false, err
	}
	const need = 1<<unix.CAP_SETUID | 1<<unix.CAP_SETGID | 1<<unix.CAP_SYS_ADMIN | 1<<unix.CAP_SETFCAP
	return data[0].Effective&need == need, nil
}
