package stdio

import (
	"errors"
	"fmt"
	"os"

	"github.com/containerd/console"
	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// Probe looks at mini's own standard input: one system call.
func Probe() (Facts, error) {
	_, err := unix.IoctlGetTermios(0, unix.TCGETS)
	return Facts{TTY: err == nil}, nil
}

var errNoTerminal = errors.New("the terminal has not been made")

type openPty struct {
	note
	terminal *Terminal
}

// Do trusts no path of the container twice: what is on /dev/pts is opened once
// and must be a devpts, ptmx is opened in it, and the other end comes from the
// master itself, not by its name (CVE-2025-52565).
func (o openPty) Do() error {
	pts, err := openDevpts()
	if err != nil {
		return err
	}
	defer unix.Close(pts)
	how := unix.OpenHow{
		Flags:   unix.O_RDWR | unix.O_NOCTTY | unix.O_CLOEXEC,
		Resolve: unix.RESOLVE_BENEATH | unix.RESOLVE_NO_SYMLINKS | unix.RESOLVE_NO_XDEV,
	}
	fd, err := unix.Openat2(pts, "ptmx", &how)
	if err != nil {
		return fmt.Errorf("open /dev/pts/ptmx: %w", err)
	}
	o.terminal.Master = os.NewFile(uintptr(fd), "/dev/ptmx")
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		return fmt.Errorf("unlock: %w", err)
	}
	if o.terminal.slave, err = openPeer(fd); err != nil {
		return fmt.Errorf("open the other end: %w", err)
	}
	return nil
}

func (o openPty) String() string { return "open /dev/pts/ptmx and its other end" }

// openPeer opens the other end of a master; its flags are those of open(2).
func openPeer(master int) (*os.File, error) {
	const flags = unix.O_RDWR | unix.O_NOCTTY | unix.O_CLOEXEC
	fd, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(master), unix.TIOCGPTPEER, flags)
	if errno != 0 {
		return nil, errno
	}
	return os.NewFile(fd, "pts"), nil
}

// openDevpts opens the directory /dev/pts of the container.
func openDevpts() (int, error) {
	how := unix.OpenHow{Flags: unix.O_PATH | unix.O_DIRECTORY | unix.O_CLOEXEC, Resolve: unix.RESOLVE_NO_MAGICLINKS}
	fd, err := unix.Openat2(unix.AT_FDCWD, "/dev/pts", &how)
	if err != nil {
		return -1, fmt.Errorf("open /dev/pts: %w", err)
	}
	var fs unix.Statfs_t
	if err := unix.Fstatfs(fd, &fs); err != nil {
		unix.Close(fd)
		return -1, fmt.Errorf("statfs /dev/pts: %w", err)
	}
	if fs.Type != unix.DEVPTS_SUPER_MAGIC {
		unix.Close(fd)
		return -1, fmt.Errorf("/dev/pts is not a devpts: a terminal needs one among the mounts: %w", unix.ENODEV)
	}
	return fd, nil
}

type setSize struct {
	note
	terminal *Terminal
	size     specs.Box
}

func (o setSize) Do() error {
	if o.terminal.Master == nil {
		return errNoTerminal
	}
	size := unix.Winsize{Row: uint16(o.size.Height), Col: uint16(o.size.Width)}
	return unix.IoctlSetWinsize(int(o.terminal.Master.Fd()), unix.TIOCSWINSZ, &size)
}

func (o setSize) String() string {
	return fmt.Sprintf("ioctl TIOCSWINSZ %d rows %d columns", o.size.Height, o.size.Width)
}

// clearONLCR is what engines expect of a new terminal.
type clearONLCR struct {
	note
	terminal *Terminal
}

func (o clearONLCR) Do() error {
	if o.terminal.Master == nil {
		return errNoTerminal
	}
	return console.ClearONLCR(o.terminal.Master.Fd())
}

func (o clearONLCR) String() string { return "ioctl TCSETS -onlcr" }
