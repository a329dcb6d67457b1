package cgroups

import (
	"errors"
	"fmt"
	"os"
	"path"
	"slices"
	"time"

	"golang.org/x/sys/unix"
)

// Remove ends the cgroup at an absolute path: it kills everything inside,
// waits until all is dead, removes the directories below from the bottom up,
// then the cgroup, then those above it that mini made and that are empty now.
// It is idempotent: a cgroup that is gone is no error. It refuses the root of
// the mount, and a cgroup that this process is in. After ten seconds the error
// wraps EBUSY or ETIMEDOUT.
func Remove(name string) error {
	name = path.Clean(name)
	err := remove(name)
	if err != nil && !errors.Is(err, unix.ENOENT) && !errors.Is(err, unix.ENODEV) {
		return err
	}
	return removeParents(path.Dir(name))
}

// RemoveVacant removes the cgroup if nothing lives in it. It is for one that may
// be somebody else's: then it is left alone, which is no error.
func RemoveVacant(name string) error {
	if dir, err := openDir(unix.AT_FDCWD, path.Clean(name)); err == nil {
		err = vacant(dir)
		dir.Close()
		if errors.Is(err, unix.EBUSY) {
			return nil
		}
	}
	return Remove(name) // what else is wrong, it meets too
}

func remove(name string) error {
	if gone, err := removeEmpty(name); gone || err != nil {
		return err
	}
	dir, err := openDir(unix.AT_FDCWD, name)
	if err != nil {
		return err
	}
	defer dir.Close()
	if err := mayRemove(dir); err != nil {
		return err
	}
	// A child can become populated again only by someone outside, and rmdir
	// says EBUSY for a moment while the kernel lets go of the last process.
	for end := time.Now().Add(waitLimit); ; {
		err := removeOnce(dir, name)
		if !errors.Is(err, unix.EBUSY) || time.Now().After(end) {
			return err
		}
		_ = awaitEvent(dir, "populated", 1, 10*time.Millisecond)
	}
}

// removeEmpty is all that has to be done to most: nothing lives in them, and no
// cgroup is below. Neither holds for the root of a mount, nor for the cgroup that
// this process is in.
func removeEmpty(name string) (gone bool, err error) {
	var fs unix.Statfs_t
	if err := unix.Statfs(name, &fs); err != nil {
		return false, fmt.Errorf("statfs %s: %w", name, err)
	}
	return fs.Type == unix.CGROUP2_SUPER_MAGIC && unix.Rmdir(name) == nil, nil
}

func removeOnce(dir *os.File, name string) error {
	if err := killAll(dir); err != nil {
		return err
	}
	if err := removeChildren(dir); err != nil {
		return err
	}
	if err := unix.Rmdir(name); err != nil {
		return fmt.Errorf("rmdir %s: %w", name, err)
	}
	return nil
}

// killAll kills and waits. An empty group is not written to, since cgroup.kill
// may be missing or not ours while the directory is.
func killAll(dir *os.File) error {
	text, err := readFile(dir, "cgroup.events")
	if err != nil {
		return err
	}
	if e, err := parsePairs(text); err != nil {
		return fmt.Errorf("parse cgroup.events: %w", err)
	} else if e["populated"] == 0 {
		return nil
	}
	if err := notUs(dir); err != nil {
		return err
	}
	if err := writeFile(dir, "cgroup.kill", "1"); err != nil {
		return err
	}
	return awaitEvent(dir, "populated", 0, waitLimit)
}

// removeChildren removes the cgroups below dir, the deepest first.
func removeChildren(dir *os.File) error {
	return eachChild(dir, func(name string, child *os.File) error {
		if err := removeChildren(child); err != nil {
			return err
		}
		if err := unix.Unlinkat(int(dir.Fd()), name, unix.AT_REMOVEDIR); err != nil && err != unix.ENOENT {
			return fmt.Errorf("rmdir %s: %w", name, err)
		}
		return nil
	})
}

func childrenOf(dir *os.File) ([]string, error) {
	if _, err := dir.Seek(0, 0); err != nil {
		return nil, fmt.Errorf("rewind directory: %w", err)
	}
	entries, err := dir.ReadDir(-1)
	if err != nil {
		return nil, fmt.Errorf("list children: %w", err)
	}
	var names []string
	for _, e := range entries {
		if e.IsDir() {
			names = append(names, e.Name())
		}
	}
	return names, nil
}

// mayRemove refuses the root of a cgroup mount.
func mayRemove(dir *os.File) error {
	var st unix.Statx_t
	if err := unix.Statx(int(dir.Fd()), "", unix.AT_EMPTY_PATH, unix.STATX_BASIC_STATS, &st); err != nil {
		return fmt.Errorf("statx: %w", err)
	}
	if st.Attributes&unix.STATX_ATTR_MOUNT_ROOT != 0 {
		return fmt.Errorf("remove the root of a cgroup mount: %w", unix.EPERM)
	}
	return nil
}

// notUs refuses a group that this process is in, or below which it is: killing
// that would be the last thing it does.
func notUs(dir *os.File) error {
	text, err := readFile(dir, "cgroup.procs")
	if err != nil && !errors.Is(err, unix.EOPNOTSUPP) { // threaded: processes are listed above
		return err
	}
	pids, err := parsePids(text)
	if err != nil {
		return fmt.Errorf("parse cgroup.procs: %w", err)
	}
	if slices.Contains(pids, os.Getpid()) {
		return fmt.Errorf("this process is in the cgroup: %w", unix.EPERM)
	}
	return eachChild(dir, func(_ string, child *os.File) error { return notUs(child) })
}

// eachChild opens the cgroups below dir one after another. One that vanishes
// meanwhile is left out.
func eachChild(dir *os.File, do func(name string, child *os.File) error) error {
	names, err := childrenOf(dir)
	if err != nil {
		return err
	}
	for _, name := range names {
		child, err := openDir(int(dir.Fd()), name)
		if errors.Is(err, unix.ENOENT) {
			continue
		}
		if err != nil {
			return err
		}
		err = do(name, child)
		child.Close()
		if err != nil {
			return err
		}
	}
	return nil
}

// removeParents removes empty directories that mini made, upwards. One that is
// not empty, or not ours, ends it; so does any other error, as the group itself
// is gone and the next Remove comes by here again.
func removeParents(name string) error {
	for ; ; name = path.Dir(name) {
		dir, err := openDir(unix.AT_FDCWD, name)
		if errors.Is(err, unix.ENOENT) {
			continue
		}
		if err != nil {
			return nil
		}
		ours := isOurs(dir, name)
		dir.Close()
		if !ours || unix.Rmdir(name) != nil {
			return nil
		}
	}
}

func isOurs(dir *os.File, name string) bool {
	_, err := unix.Fgetxattr(int(dir.Fd()), markName, make([]byte, 16))
	return err == nil || path.Base(name) == ownName
}
