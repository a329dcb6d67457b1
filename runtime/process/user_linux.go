package process

import (
	"encoding/binary"
	"fmt"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"

	"mini/namespaces/calls"
)

// setGroups sets the supplementary groups, to none if there are none: init's
// own are the caller's on the host.
type setGroups struct {
	note
	gids []uint32
}

func (o setGroups) Do() error { return calls.Do(o) }

func (o setGroups) Calls(l *calls.List) {
	var list []byte
	for _, gid := range o.gids {
		list = binary.NativeEndian.AppendUint32(list, gid)
	}
	l.Call("", unix.SYS_SETGROUPS, calls.N(len(o.gids)), l.Memory(list).Arg())
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

func (o setGID) Do() error { return calls.Do(o) }

func (o setGID) Calls(l *calls.List) {
	l.Call("", unix.SYS_SETRESGID, calls.N(o.gid), calls.N(o.gid), calls.N(o.gid))
}
func (o setGID) String() string { return fmt.Sprintf("setresgid %d", o.gid) }

type setUID struct {
	note
	uid uint32
}

func (o setUID) Do() error { return calls.Do(o) }

func (o setUID) Calls(l *calls.List) {
	l.Call("", unix.SYS_SETRESUID, calls.N(o.uid), calls.N(o.uid), calls.N(o.uid))
}
func (o setUID) String() string { return fmt.Sprintf("setresuid %d", o.uid) }

type setUmask struct {
	note
	mask uint32
}

func (o setUmask) Do() error           { return calls.Do(o) }
func (o setUmask) Calls(l *calls.List) { l.Call("", unix.SYS_UMASK, calls.N(o.mask)) }
func (o setUmask) String() string      { return fmt.Sprintf("umask %04o", o.mask) }
func (o setUmask) Shell() string       { return o.String() }

// ownStdio gives pipes, and the container's own terminal, on descriptors 0 to 2
// to the user, who otherwise could not open /dev/stdout anew. Files, and the
// terminal of whoever called mini, stay whose they are.
type ownStdio struct {
	note
	uid      uint32
	terminal bool // descriptors 0 to 2 are a terminal made for the container
}

func (o ownStdio) Do() error { return calls.Do(o) }

// Calls leaves alone what cannot be given: a descriptor that is closed, or is of a
// user that this user namespace has no id for. The program can write to it anyway.
func (o ownStdio) Calls(l *calls.List) {
	for fd := range 3 {
		st, stat := l.Fstat(calls.N(fd))
		o.give(l, fd, st, int(unsafe.Offsetof(unix.Stat_t{}.Mode)), unix.S_IFMT, unix.S_IFIFO)
		if o.terminal {
			o.give(l, fd, st, int(unsafe.Offsetof(unix.Stat_t{}.Rdev)), ptsMask, ptsRdev)
		}
		stat.SkipTo(0)
	}
}

// What st_rdev is of pseudo-terminals and nothing else: their major numbers are 136 to
// 143 (Documentation/admin-guide/devices.txt). A device of the host is not given away.
const ptsMask, ptsRdev = 0xff8 << 8, 136 << 8

// give gives a file to the user if a word of its status, masked, is want.
func (o ownStdio) give(l *calls.List, fd int, st calls.Memory, at int, mask, want uint64) {
	is := l.Check("", st.At(at), mask, want, unix.EBADF)
	l.Call("fchown", unix.SYS_FCHOWN, calls.N(fd), calls.N(o.uid), calls.N(uint32(noChange))).Skip(0, 0)
	is.SkipTo(0)
}

func (o ownStdio) String() string { return fmt.Sprintf("fchown pipes on 0, 1, 2 to %d", o.uid) }

// setNoNewPrivs cannot be undone, and is inherited.
type setNoNewPrivs struct{ note }

func (o setNoNewPrivs) Do() error { return calls.Do(o) }

func (o setNoNewPrivs) Calls(l *calls.List) {
	l.Call("", unix.SYS_PRCTL, calls.N(unix.PR_SET_NO_NEW_PRIVS), calls.N(1))
}
func (o setNoNewPrivs) String() string { return "prctl PR_SET_NO_NEW_PRIVS 1" }

// setDeathSignal comes after the change of user, which clears it.
type setDeathSignal struct {
	note
	signal unix.Signal
}

func (o setDeathSignal) Do() error { return calls.Do(o) }

func (o setDeathSignal) Calls(l *calls.List) {
	l.Call("", unix.SYS_PRCTL, calls.N(unix.PR_SET_PDEATHSIG), calls.N(int(o.signal)))
}
func (o setDeathSignal) String() string {
	return "prctl PR_SET_PDEATHSIG " + unix.SignalName(o.signal)
}
