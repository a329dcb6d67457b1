package runtime

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"

	"mini/runtime/stdio"
)

// Handover is what engines get of a new container or process, before its
// program runs. Empty paths ask for nothing.
type Handover struct {
	PidFile       string // absolute; the pid in decimal digits
	ConsoleSocket string // a listening unix socket that gets the terminal's master
	PidfdSocket   string // a listening unix socket that gets a pidfd
}

// ErrNoConsole says that a terminal has nobody to be connected to.
var ErrNoConsole = errors.New("a terminal needs --console-socket if mini does not stay: engines listen there for its other end")

var errUnusedConsole = errors.New("--console-socket is for a terminal that mini leaves: it needs /process/terminal, and create or --detach")

// check refuses a terminal without an end, and an end without a terminal.
func (c Config) check(proc *specs.Process) error {
	terminal := proc != nil && proc.Terminal
	switch {
	case c.Detached && terminal && c.Handover.ConsoleSocket == "":
		return ErrNoConsole
	case c.Handover.ConsoleSocket != "" && !(c.Detached && terminal):
		return errUnusedConsole
	}
	return nil
}

// handover is the last the parent does: nothing may fail once the pid is known.
func (p *Plan) handover() error {
	if err := p.config.check(p.config.Spec.Process); err != nil {
		return err
	}
	h := p.config.Handover
	if h.ConsoleSocket != "" {
		p.add(Late, sendMaster{note{"/process/terminal", "The engine has the terminal's other end from here on (unix(7), SCM_RIGHTS)."}, h.ConsoleSocket, p.terminal})
	}
	if h.PidfdSocket != "" {
		p.add(Late, sendPidfd{note{why: "A pidfd names the process beyond doubt, where its pid may be given out again (pidfd_open(2))"}, h.PidfdSocket, &p.child.Pidfd})
	}
	if h.PidFile != "" {
		p.add(Late, writePid{note{why: "Engines read here which process to watch (write(2))"}, h.PidFile, &p.child.Pid})
	}
	return nil
}

type sendMaster struct {
	note
	socket   string
	terminal *stdio.Terminal
}

func (o sendMaster) String() string { return "send the terminal's master to " + o.socket }
func (o sendMaster) Shell() string  { return "" }

// Do also closes our copy, or the terminal would never be hung up.
func (o sendMaster) Do() error {
	if o.terminal == nil || o.terminal.Master == nil {
		return errors.New("init sent no terminal")
	}
	master := o.terminal.Master
	o.terminal.Master = nil
	return errors.Join(stdio.SendMaster(o.socket, master), master.Close())
}

type sendPidfd struct {
	note
	socket string
	pidfd  **os.File
}

func (o sendPidfd) Do() error      { return stdio.SendMaster(o.socket, *o.pidfd) }
func (o sendPidfd) String() string { return "send the pidfd to " + o.socket }
func (o sendPidfd) Shell() string  { return "" }

type writePid struct {
	note
	path string
	pid  *int
}

func (o writePid) String() string { return "write " + o.path }
func (o writePid) Shell() string  { return "" }

// Do never shows half a number: whoever waits for the file may read it at once.
func (o writePid) Do() error {
	tmp := filepath.Join(filepath.Dir(o.path), "."+filepath.Base(o.path)+".new")
	if err := os.WriteFile(tmp, []byte(strconv.Itoa(*o.pid)), 0o644); err != nil {
		return err
	}
	return os.Rename(tmp, o.path)
}

// inherited takes n descriptors from 3 on, that our caller has left open for
// the program. What this process has opened itself is close-on-exec, and so
// not mistaken for one. The copies are the caller's to close.
func inherited(n int) (files []*os.File, err error) {
	for fd := 3; fd < 3+n; fd++ {
		flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0)
		if err == nil && flags&unix.FD_CLOEXEC != 0 {
			err = unix.EBADF
		}
		var dup int
		if err == nil {
			dup, err = unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 3+n)
		}
		if err != nil {
			closeFiles(files)
			return nil, fmt.Errorf("--preserve-fds or LISTEN_FDS: descriptor %d was not left open for mini: %w", fd, err)
		}
		files = append(files, os.NewFile(uintptr(dup), "inherited"))
	}
	return files, nil
}

func closeFiles(files []*os.File) {
	for _, f := range files {
		f.Close()
	}
}
