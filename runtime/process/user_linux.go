package process

import (
	"fmt"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"
)

// setGroups sets the supplementary groups, to none if there are none: init's
// own are the caller's on the host.
type setGroups struct {
	note
	gids []uint32
}

func (o setGroups) Do() error {
	var first unsafe.Pointer
	if len(o.gids) > 0 {
		first = unsafe.Pointer(&o.gids[0])
	}
	return raw(unix.SYS_SETGROUPS, uintptr(len(o.gids)), uintptr(first), 0)
}

func (o setGroups) String() string { return "setgroups [" + joinIDs(o.gids) + "]" }

func joinIDs(ids []uint32) string {
	return strings.Join(strings.Fields(strings.Trim(fmt.Sprint(ids), "[]")), ",")
}

// setGID and setUID change this thread only; the others end in execve.
type setGID struct {
	note
	gid uint32
}

func (o setGID) Do() error {
	return raw(unix.SYS_SETRESGID, uintptr(o.gid), uintptr(o.gid), uintptr(o.gid))
}
func (o setGID) String() string { return fmt.Sprintf("setresgid %d", o.gid) }

type setUID struct {
	note
	uid uint32
}

func (o setUID) Do() error {
	return raw(unix.SYS_SETRESUID, uintptr(o.uid), uintptr(o.uid), uintptr(o.uid))
}
func (o setUID) String() string { return fmt.Sprintf("setresuid %d", o.uid) }

type setUmask struct {
	note
	mask uint32
}

func (o setUmask) Do() error {
	unix.Umask(int(o.mask))
	return nil
}
func (o setUmask) String() string { return fmt.Sprintf("umask %04o", o.mask) }
func (o setUmask) Shell() string  { return o.String() }

// ownStdio gives pipes, and the container's own terminal, on descriptors 0 to 2
// to the user, who otherwise could not open /dev/stdout anew. Files, and the
// terminal of whoever called mini, stay whose they are.
type ownStdio struct {
	note
	uid      uint32
	terminal bool // descriptors 0 to 2 are a terminal made for the container
}

func (o ownStdio) Do() error {
	for fd := range 3 {
		var st unix.Stat_t
		if unix.Fstat(fd, &st) != nil || st.Uid == o.uid || !o.ours(st.Mode) {
			continue
		}
		// EPERM and EINVAL: of a user that this user namespace has no id for.
		err := unix.Fchown(fd, int(o.uid), -1)
		if err != nil && err != unix.EPERM && err != unix.EINVAL && err != unix.EROFS {
			return fmt.Errorf("fchown %d: %w", fd, err)
		}
	}
	return nil
}

func (o ownStdio) ours(mode uint32) bool {
	switch mode & unix.S_IFMT {
	case unix.S_IFIFO:
		return true
	case unix.S_IFCHR:
		return o.terminal
	}
	return false
}

func (o ownStdio) String() string { return fmt.Sprintf("fchown pipes on 0, 1, 2 to %d", o.uid) }

// setNoNewPrivs cannot be undone, and is inherited.
type setNoNewPrivs struct{ note }

func (o setNoNewPrivs) Do() error      { return prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0) }
func (o setNoNewPrivs) String() string { return "prctl PR_SET_NO_NEW_PRIVS 1" }

// setDeathSignal comes after the change of user, which clears it.
type setDeathSignal struct {
	note
	signal unix.Signal
}

func (o setDeathSignal) Do() error { return prctl(unix.PR_SET_PDEATHSIG, uintptr(o.signal), 0) }
func (o setDeathSignal) String() string {
	return "prctl PR_SET_PDEATHSIG " + unix.SignalName(o.signal)
}
