package cgroups

import (
	"fmt"
	"os"
	"path"
	"strings"

	"golang.org/x/sys/unix"
)

const usualMount = "/sys/fs/cgroup"

// Probe looks at the host: statfs of the usual mount point, /proc/self/cgroup,
// one access check and one cgroup.controllers. Only where the mount point is
// not the usual one it reads /proc/self/mountinfo.
func Probe() (Facts, error) {
	text, err := readPath("/proc/self/cgroup")
	if err != nil {
		return Facts{Mode: None}, nil // no /proc, or a kernel without cgroups
	}
	var f Facts
	if f.Own, f.V1, err = parseOwn(text); err != nil {
		return f, fmt.Errorf("parse /proc/self/cgroup: %w", err)
	}
	if f.Mode, f.Mountpoint, err = findMount(len(f.V1) > 0); err != nil || f.Mountpoint == "" {
		return f, err
	}
	if f.Base = findBase(f.Mountpoint, f.Own); f.Base != "/" {
		f.probeUser()
	}
	if text, err = readPath(path.Join(f.Mountpoint, f.Base, "cgroup.controllers")); err != nil {
		return f, err
	}
	f.Controllers = strings.Fields(text)
	return f, nil
}

// AsRoot is what root would find: it may make cgroups anywhere.
func (f Facts) AsRoot() Facts {
	text, err := os.ReadFile(path.Join(f.Mountpoint, "cgroup.controllers"))
	if f.Mountpoint == "" || f.Base == "/" || err != nil {
		return f
	}
	f.Base, f.Controllers = "/", strings.Fields(string(text))
	return f
}

// findMount tells how cgroups are mounted. Systemd's layouts are known by the
// file system types; any other is searched for.
func findMount(v1 bool) (Mode, string, error) {
	beside := path.Join(usualMount, "unified")
	switch {
	case isCgroup2(usualMount):
		return Unified, usualMount, nil
	case isCgroup2(beside):
		return Hybrid, beside, nil
	}
	text, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return None, "", err
	}
	mount := parseMount(string(text))
	switch {
	case mount != "" && v1:
		return Hybrid, mount, nil
	case mount != "":
		return Unified, mount, nil
	case v1:
		return Legacy, "", nil
	}
	return None, "", nil
}

func isCgroup2(name string) bool {
	var fs unix.Statfs_t
	return unix.Statfs(name, &fs) == nil && fs.Type == unix.CGROUP2_SUPER_MAGIC
}

// findBase is the cgroup below which we may make others: the root, or our own
// if it was delegated, that is, made writable for us (cgroups(7), "Cgroup
// delegation"). Its path may lead out of a cgroup namespace and be no use.
func findBase(mount, own string) string {
	if writable(mount) {
		return "/"
	}
	// Another mini may have stepped aside there, and we been started by it.
	own = strings.TrimSuffix(own, "/"+leafName)
	dir := path.Join(mount, own)
	if own != "" && !strings.HasPrefix(own, "/..") && writable(dir) && writable(path.Join(dir, "cgroup.procs")) {
		return own
	}
	return ""
}

// writable asks for the effective ids, and so for a read-only mount.
func writable(name string) bool {
	return unix.Faccessat(unix.AT_FDCWD, name, unix.W_OK, unix.AT_EACCESS) == nil
}
