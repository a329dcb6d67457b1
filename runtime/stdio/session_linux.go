package stdio

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// newSession is done with and without a terminal.
type newSession struct{ note }

// Do is content with a process that leads a session already.
func (o newSession) Do() error {
	_, err := unix.Setsid()
	if errors.Is(err, unix.EPERM) {
		if sid, e := unix.Getsid(0); e == nil && sid == unix.Getpid() {
			return nil
		}
	}
	return err
}

func (o newSession) String() string { return "setsid" }

// setStdio ends init's own use of descriptors 0, 1 and 2.
type setStdio struct {
	note
	terminal *Terminal
}

func (o setStdio) Do() error {
	slave := o.terminal.slave
	if slave == nil {
		return errNoTerminal
	}
	fd := int(slave.Fd())
	if err := unix.IoctlSetInt(fd, unix.TIOCSCTTY, 0); err != nil {
		return fmt.Errorf("TIOCSCTTY: %w", err)
	}
	for std := range 3 {
		if err := unix.Dup3(fd, std, 0); err != nil {
			return fmt.Errorf("dup3 to %d: %w", std, err)
		}
	}
	o.terminal.slave = nil
	return slave.Close()
}

func (o setStdio) String() string { return "ioctl TIOCSCTTY, dup the terminal to 0, 1, 2" }
