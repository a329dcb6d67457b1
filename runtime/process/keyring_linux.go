package process

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
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

// Do lets a kernel without keyrings pass: it has nothing to protect.
func (o joinKeyring) Do() error {
	id, err := unix.KeyctlJoinSessionKeyring(o.name)
	if errors.Is(err, unix.ENOSYS) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := unix.KeyctlSetperm(id, keyringPerm|o.search); err != nil {
		return fmt.Errorf("setperm: %w", err)
	}
	return nil
}

func (o joinKeyring) String() string { return "keyctl JOIN_SESSION_KEYRING " + o.name }
