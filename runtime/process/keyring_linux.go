package process

import (
	"golang.org/x/sys/unix"

	"mini/namespaces/calls"
)

// Key permissions of keyctl_setperm(3): what a new session keyring has, and the
// right to search, which those who join it later need.
const (
	keyringPerm     = 0x3f130000 // possessor all; user view, read, link
	keySearchByUser = 0x00080000
	keySearchByAll  = 0x00000008 // in a user namespace the joiner may be another user
)

// joinKeyring leaves the session keyring of mini's caller, with its secrets.
type joinKeyring struct {
	note
	name   string
	search uint32
}

func (o joinKeyring) Do() error { return calls.Do(o) }

// Calls lets a kernel without keyrings pass: it has nothing to protect.
func (o joinKeyring) Calls(l *calls.List) {
	id := l.Call("", unix.SYS_KEYCTL, calls.N(unix.KEYCTL_JOIN_SESSION_KEYRING), l.Text(o.name))
	l.Call("setperm", unix.SYS_KEYCTL, calls.N(unix.KEYCTL_SETPERM), id.Arg(), calls.N(keyringPerm|o.search))
	id.SkipTo(unix.ENOSYS)
}

func (o joinKeyring) String() string { return "keyctl JOIN_SESSION_KEYRING " + o.name }
