package runtime

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// identity names a process beyond doubt: the kernel gives pids out again, but
// not with the same start time.
type identity struct {
	pid   int
	start uint64 // clock ticks since boot
}

// identify reads pid's start time (proc_pid_stat(5), field 22).
func identify(pid int) (identity, error) {
	_, start, err := stat(pid)
	return identity{pid, start}, err
}

// self is this process as it can be written down, "" if it cannot.
func self() string {
	id, err := identify(os.Getpid())
	if err != nil {
		return ""
	}
	return id.String()
}

// String is the pid and the start time; parseIdentity reads it.
func (id identity) String() string { return fmt.Sprintf("%d %d", id.pid, id.start) }

func parseIdentity(s string) (id identity, err error) {
	pid, start, _ := strings.Cut(s, " ")
	if id.pid, err = strconv.Atoi(pid); err == nil {
		id.start, err = strconv.ParseUint(start, 10, 64)
	}
	if err != nil {
		err = fmt.Errorf("parse process %q: %w", s, err)
	}
	return id, err
}

// alive says whether the process is there and not a zombie.
func (id identity) alive() bool {
	if id.pid <= 0 {
		return false
	}
	status, start, err := stat(id.pid)
	return err == nil && start == id.start && status != 'Z' && status != 'X'
}

// open gives a pidfd of the process, or ESRCH if it is gone.
func (id identity) open() (*os.File, error) {
	if id.pid <= 0 {
		return nil, unix.ESRCH
	}
	fd, err := unix.PidfdOpen(id.pid, 0)
	switch err {
	case nil:
	case unix.EINVAL, unix.ENOENT: // the number is that of a thread now
		return nil, unix.ESRCH
	default:
		return nil, fmt.Errorf("pidfd_open: %w", err)
	}
	f := os.NewFile(uintptr(fd), "pidfd")
	// The pidfd is of whoever had the pid a moment ago: look after opening it.
	if !id.alive() {
		f.Close()
		return nil, unix.ESRCH
	}
	return f, nil
}

// signal sends sig; ESRCH says that the process is gone.
func (id identity) signal(sig unix.Signal) error {
	f, err := id.open()
	if err != nil {
		return err
	}
	defer f.Close()
	return unix.PidfdSendSignal(int(f.Fd()), sig, nil, 0)
}

// kill ends the process and waits until it is dead: a pidfd becomes readable
// then (pidfd_open(2)). A process that is gone already is fine.
func (id identity) kill() error {
	f, err := id.open()
	if errors.Is(err, unix.ESRCH) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	if err := unix.PidfdSendSignal(int(f.Fd()), unix.SIGKILL, nil, 0); err != nil {
		if errors.Is(err, unix.ESRCH) {
			return nil
		}
		return fmt.Errorf("kill %d: %w", id.pid, err)
	}
	return awaitEnd(f, id.pid)
}

// awaitEnd waits until the process of a pidfd is dead. Process 1 of a pid namespace
// is the last to go: a zombie in it that its parent outside does not wait for
// would keep us for ever (pid_namespaces(7)).
func awaitEnd(pidfd *os.File, pid int) error {
	const patience = 10 * time.Second
	fds := []unix.PollFd{{Fd: int32(pidfd.Fd()), Events: unix.POLLIN}}
	for end := time.Now().Add(patience); ; {
		n, err := unix.Poll(fds, int(max(time.Until(end).Milliseconds(), 0)))
		switch {
		case errors.Is(err, unix.EINTR):
		case err == nil && n == 0:
			return fmt.Errorf("process %d was killed and is still there after %s: it hangs in the kernel, or one that was started by exec is a zombie its parent does not wait for: %w",
				pid, patience, unix.ETIMEDOUT)
		default:
			return err
		}
	}
}

// stat reads a process's status letter and start time. The command name in
// parentheses may hold anything, so fields count from the last one on.
func stat(pid int) (status byte, start uint64, err error) {
	name := "/proc/" + strconv.Itoa(pid) + "/stat"
	fd, err := unix.Open(name, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return 0, 0, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	defer unix.Close(fd)
	data := make([]byte, 512) // up to the start time there are 21 numbers and a name of 64 bytes at most
	n, err := unix.Read(fd, data)
	if err != nil {
		return 0, 0, &fs.PathError{Op: "read", Path: name, Err: err}
	}
	return parseStat(data[:n])
}

func parseStat(data []byte) (status byte, start uint64, err error) {
	n := 0
	for field := range bytes.FieldsSeq(data[bytes.LastIndexByte(data, ')')+1:]) {
		switch n++; n {
		case 1:
			status = field[0]
		case 20:
			start, err = strconv.ParseUint(string(field), 10, 64)
			return status, start, err
		}
	}
	return 0, 0, errors.New("parse /proc/PID/stat: too few fields")
}

// readable waits until f is.
func readable(f *os.File) error {
	fds := []unix.PollFd{{Fd: int32(f.Fd()), Events: unix.POLLIN}}
	for {
		_, err := unix.Poll(fds, -1)
		if !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}
