package stdio

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"unsafe"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"

	"mini/namespaces/calls"
)

var errNoTerminal = errors.New("the terminal has not been made")

// made makes the list fail if there is no terminal.
func (t *Terminal) made(l *calls.List) bool {
	if t.slave == (calls.Arg{}) {
		l.Fail(errNoTerminal)
		return false
	}
	return true
}

type openPty struct {
	note
	terminal *Terminal
}

func (o openPty) Do() error { return calls.Do(o) }

// Calls trusts no path of the container twice: what is on /dev/pts is opened once
// and must be a devpts, ptmx is opened in it, and the other end comes from the
// master itself, not by its name (CVE-2025-52565). The master does not stay inside,
// or the terminal would never be hung up.
func (o openPty) Calls(l *calls.List) {
	pts := openDevpts(l)
	master := l.Openat2(pts, "ptmx", unix.OpenHow{
		Flags:   unix.O_RDWR | unix.O_NOCTTY | unix.O_CLOEXEC,
		Resolve: unix.RESOLVE_BENEATH | unix.RESOLVE_NO_SYMLINKS | unix.RESOLVE_NO_XDEV,
	}).Named("open /dev/pts/ptmx").Arg()
	l.Ioctl("TIOCSPTLCK", master, unix.TIOCSPTLCK, l.Space(4).Arg()).Named("unlock")
	const flags = unix.O_RDWR | unix.O_NOCTTY | unix.O_CLOEXEC
	slave := l.Ioctl("TIOCGPTPEER", master, unix.TIOCGPTPEER, calls.N(flags)).Named("open the other end")
	l.Give(master, func(fd int) { o.terminal.Master = os.NewFile(uintptr(fd), "/dev/ptmx") })
	l.Close(master)
	l.Close(pts)
	o.terminal.slave = slave.Arg()
}

func (o openPty) String() string { return "open /dev/pts/ptmx and its other end" }

// openDevpts opens the directory /dev/pts of the container.
func openDevpts(l *calls.List) calls.Arg {
	pts := l.Openat2(calls.CWD, "/dev/pts", unix.OpenHow{
		Flags:   unix.O_PATH | unix.O_DIRECTORY | unix.O_CLOEXEC,
		Resolve: unix.RESOLVE_NO_MAGICLINKS,
	}).Named("open /dev/pts").Arg()
	fs, stat := l.Fstatfs(pts)
	stat.Named("statfs /dev/pts")
	kind := fs.At(int(unsafe.Offsetof(unix.Statfs_t{}.Type)))
	l.Check("statfs", kind, ^uint64(0), unix.DEVPTS_SUPER_MAGIC, unix.ENODEV).Else(0, func(errno unix.Errno) error {
		return fmt.Errorf("/dev/pts is not a devpts: a terminal needs one among the mounts: %w", errno)
	})
	return pts
}

type setSize struct {
	note
	terminal *Terminal
	size     specs.Box
}

func (o setSize) Do() error { return calls.Do(o) }

func (o setSize) Calls(l *calls.List) {
	if !o.terminal.made(l) {
		return
	}
	size := unix.Winsize{Row: uint16(o.size.Height), Col: uint16(o.size.Width)}
	l.Ioctl("TIOCSWINSZ", o.terminal.slave, unix.TIOCSWINSZ, calls.Struct(l, &size).Arg()).Named("")
}

func (o setSize) String() string {
	return fmt.Sprintf("ioctl TIOCSWINSZ %d rows %d columns", o.size.Height, o.size.Width)
}

// clearONLCR is what engines expect of a new terminal.
type clearONLCR struct {
	note
	terminal *Terminal
}

func (o clearONLCR) Do() error { return calls.Do(o) }

// Calls takes for granted, and has checked, which output modes a new terminal has.
func (o clearONLCR) Calls(l *calls.List) {
	if !o.terminal.made(l) {
		return
	}
	termios := l.Space(int(unsafe.Sizeof(unix.Termios{})))
	modes := termios.At(int(unsafe.Offsetof(unix.Termios{}.Oflag)))
	l.Ioctl("TCGETS", o.terminal.slave, unix.TCGETS, termios.Arg())
	cleared := l.Words(calls.N(unix.OPOST))
	l.Check("TCGETS", modes, 1<<32-1, unix.OPOST|unix.ONLCR, unix.EINVAL).Else(0, func(unix.Errno) error {
		other := calls.ReadStruct[unix.Termios](termios).Oflag &^ unix.ONLCR
		binary.NativeEndian.PutUint32(cleared.Bytes(), other)
		return nil
	})
	l.Store(modes, l.Load(cleared.Arg()).Arg())
	l.Ioctl("TCSETS", o.terminal.slave, unix.TCSETS, termios.Arg())
}

func (o clearONLCR) String() string { return "ioctl TCSETS -onlcr" }
