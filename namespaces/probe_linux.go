package namespaces

import (
	"fmt"
	"os"
	"sync"

	"github.com/opencontainers/runtime-spec/specs-go"
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
	f.Missing, err = missing()
	return f, err
}

// missing are the types that this kernel has not. Those of process 1 are looked for,
// which are in the kernel's memory: in the directory of a process that has just begun
// each look makes an entry first. Who may not see process 1 looks at his own.
func missing() ([]specs.LinuxNamespaceType, error) {
	list, err := missingIn("/proc/1/ns")
	if err != nil {
		list, err = missingIn("/proc/self/ns")
	}
	return list, err
}

func missingIn(path string) (list []specs.LinuxNamespaceType, err error) {
	dir, err := openNS(path)
	if err != nil {
		return nil, err
	}
	defer unix.Close(dir)
	for _, k := range kinds {
		var st unix.Stat_t
		if err := unix.Fstatat(dir, k.file, &st, unix.AT_SYMLINK_NOFOLLOW); err == unix.ENOENT {
			list = append(list, k.typ)
		} else if err != nil {
			return nil, fmt.Errorf("stat %s/%s: %w", path, k.file, err)
		}
	}
	if len(list) == len(kinds) {
		return nil, fmt.Errorf("look at %s: %w", path, unix.ENOENT) // the process is missing, or /proc
	}
	return list, nil
}

// identities are the texts of the links below /proc/PID/ns, which tell a namespace from
// all others (namespaces(7)), in the order of kinds; a kind that the kernel has not has
// none.
type identities [len(kinds)]string

// own are those of this process: only threads leave them, for a moment.
var own = sync.OnceValues(func() (identities, error) { return lookUp("/proc/self/ns") })

// lookUp reads a directory as /proc/PID/ns (proc_pid_ns(5)).
func lookUp(path string) (identities, error) {
	var ids identities
	dir, err := openNS(path)
	if err != nil {
		return ids, err
	}
	defer unix.Close(dir)
	text := make([]byte, 64)
	for i, k := range kinds {
		n, err := unix.Readlinkat(dir, k.file, text)
		if err != nil && err != unix.ENOENT {
			return ids, fmt.Errorf("readlink %s/%s: %w", path, k.file, err)
		}
		ids[i] = string(text[:max(n, 0)])
	}
	return ids, nil
}

func openNS(path string) (int, error) {
	dir, err := unix.Open(path, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return -1, fmt.Errorf("open %s: %w", path, err)
	}
	return dir, nil
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
