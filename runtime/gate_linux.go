package runtime

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// The gate is a listening unix socket that init holds from create to start.
// Whoever connects opens it, and reads why the program does not run, or
// nothing if it does: execve closes the connection. A dead init refuses at
// once, as a second start is refused, where a FIFO would block for ever.

// listenGate makes the gate at path.
func listenGate(path string) (*os.File, error) {
	var gate *os.File
	err := atGate(path, func(fd int, addr unix.Sockaddr) error {
		if err := unix.Bind(fd, addr); err != nil {
			return fmt.Errorf("bind: %w", err)
		}
		if err := unix.Listen(fd, 1); err != nil {
			return fmt.Errorf("listen: %w", err)
		}
		gate = os.NewFile(uintptr(fd), path)
		return nil
	})
	return gate, err
}

// openGate connects to the gate at path. ECONNREFUSED and ENOENT say that no
// init waits there.
func openGate(path string) (*os.File, error) {
	var conn *os.File
	err := atGate(path, func(fd int, addr unix.Sockaddr) error {
		if err := unix.Connect(fd, addr); err != nil {
			return fmt.Errorf("connect: %w", err)
		}
		conn = os.NewFile(uintptr(fd), path)
		return nil
	})
	return conn, err
}

// atGate hands do a new socket and the gate's address. The address goes by
// the directory's descriptor: a socket's path has room for 108 bytes (unix(7)).
func atGate(path string, do func(fd int, addr unix.Sockaddr) error) error {
	dir, err := unix.Open(filepath.Dir(path), unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("open %s: %w", filepath.Dir(path), err)
	}
	defer unix.Close(dir)
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("socket: %w", err)
	}
	name := fmt.Sprintf("/proc/self/fd/%d/%s", dir, filepath.Base(path))
	if err := do(fd, &unix.SockaddrUnix{Name: name}); err != nil {
		unix.Close(fd)
		return err
	}
	return nil
}

// acceptGate is init waiting for the start.
func acceptGate(gate *os.File) (*os.File, error) {
	for {
		fd, _, err := unix.Accept4(int(gate.Fd()), unix.SOCK_CLOEXEC)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("accept: %w", err)
		}
		return os.NewFile(uintptr(fd), "gate"), nil
	}
}

// passed reads what [Init] says through an open gate: nothing means that the program
// runs.
func passed(conn *os.File) error {
	text, err := io.ReadAll(io.LimitReader(conn, maxLastWords))
	if err != nil {
		return err
	}
	if len(text) == 0 {
		return nil
	}
	return unpack(text)
}
