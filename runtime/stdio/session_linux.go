package stdio

import (
	"fmt"

	"golang.org/x/sys/unix"

	"mini/namespaces/calls"
)

// newSession is done with and without a terminal.
type newSession struct{ note }

func (o newSession) Do() error { return calls.Do(o) }

// Calls is content with a process that leads a session already.
func (o newSession) Calls(l *calls.List) {
	l.Call("", unix.SYS_SETSID).Else(unix.EPERM, func(errno unix.Errno) error {
		k := l.Beside()
		pid := k.Call("getpid", unix.SYS_GETPID)
		sid, err := k.Call("getsid", unix.SYS_GETSID, calls.N(0)).Value()
		if err != nil {
			return err
		}
		if own, err := pid.Value(); err != nil || sid != own {
			return errno
		}
		return nil
	})
}

func (o newSession) String() string { return "setsid" }

// setStdio ends init's own use of descriptors 0, 1 and 2.
type setStdio struct {
	note
	terminal *Terminal
}

func (o setStdio) Do() error { return calls.Do(o) }

func (o setStdio) Calls(l *calls.List) {
	if !o.terminal.made(l) {
		return
	}
	l.Ioctl("TIOCSCTTY", o.terminal.slave, unix.TIOCSCTTY, calls.N(0)).Named("TIOCSCTTY")
	for std := range 3 {
		l.Dup3(o.terminal.slave, std).Named(fmt.Sprintf("dup3 to %d", std))
	}
	l.Close(o.terminal.slave)
	o.terminal.slave = calls.Arg{}
}

func (o setStdio) String() string { return "ioctl TIOCSCTTY, dup the terminal to 0, 1, 2" }
