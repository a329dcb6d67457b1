package namespaces

import (
	"fmt"
	"os"
	"slices"

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
	dir, err := os.Open("/proc/self/ns")
	if err != nil {
		return Facts{}, err
	}
	defer dir.Close()
	have, err := dir.Readdirnames(-1)
	if err != nil {
		return Facts{}, err
	}
	for _, k := range kinds {
		if !slices.Contains(have, k.file) {
			f.Missing = append(f.Missing, k.typ)
		}
	}
	return f, nil
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
