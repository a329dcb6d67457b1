package namespaces

import (
	"fmt"
	"os"
	"sync"

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
	here, err := own()
	if err != nil {
		return Facts{}, err
	}
	for i, k := range kinds {
		if here[i] == (identity{}) {
			f.Missing = append(f.Missing, k.typ)
		}
	}
	return f, f.noProc()
}

// identity is what tells a namespace from all others (namespaces(7)).
type identity struct{ dev, ino uint64 }

// identities are those of all kinds, in their order; a kind that the kernel has not
// has none.
type identities [len(kinds)]identity

// own are those of this process: only threads leave them, for a moment.
var own = sync.OnceValues(func() (identities, error) { return lookUp("/proc/self/ns") })

// lookUp reads a directory as /proc/PID/ns (proc_pid_ns(5)).
func lookUp(path string) (identities, error) {
	var ids identities
	dir, err := unix.Open(path, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return ids, fmt.Errorf("open %s: %w", path, err)
	}
	defer unix.Close(dir)
	for i, k := range kinds {
		var st unix.Stat_t
		if err := unix.Fstatat(dir, k.file, &st, 0); err == nil {
			ids[i] = identity{st.Dev, st.Ino}
		} else if err != unix.ENOENT {
			return ids, fmt.Errorf("stat %s/%s: %w", path, k.file, err)
		}
	}
	return ids, nil
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
