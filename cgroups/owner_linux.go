package cgroups

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// delegateFile lists the files whose owner changes with that of their cgroup
// (Linux 4.15).
const delegateFile = "/sys/kernel/cgroup/delegate"

// Do passes over files that this cgroup does not have: not every listed one is
// in every cgroup.
func (c *chown) Do() error {
	dir, err := c.group.open()
	if err != nil {
		return err
	}
	list, err := os.ReadFile(delegateFile)
	if err != nil {
		list = []byte(ownedFiles)
	}
	for _, name := range append(strings.Fields(string(list)), "") {
		if err := chownAt(dir, name, c.uid); err != nil && !errors.Is(err, unix.ENOENT) {
			return fmt.Errorf("fchownat %s: %w", name, err)
		}
	}
	return nil
}

// chownAt leaves alone what has the owner already: an ordinary user may not say
// so, though it changes nothing. The empty name is the directory itself.
func chownAt(dir *os.File, name string, uid uint32) error {
	var st unix.Stat_t
	fd := int(dir.Fd())
	const flags = unix.AT_EMPTY_PATH | unix.AT_SYMLINK_NOFOLLOW
	if err := unix.Fstatat(fd, name, &st, flags); err != nil || st.Uid == uid {
		return err
	}
	return unix.Fchownat(fd, name, int(uid), -1, flags)
}

func (c *chown) String() string { return fmt.Sprintf("chown %d %s", c.uid, c.group.path) }

func (c *chown) Shell() string {
	return fmt.Sprintf("for f in . $(cat %s); do [ ! -e %s/$f ] || chown %d %[2]s/$f; done", delegateFile, quote(c.group.path), c.uid)
}
