package stdio

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// SendMaster hands the master to whoever listens on the unix socket at path, as
// engines expect it of --console-socket: one message, whose text is the
// master's name, with the descriptor as SCM_RIGHTS (unix(7)). The caller still
// has to close master.
func SendMaster(path string, master *os.File) error {
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("socket: %w", err)
	}
	defer unix.Close(fd)
	if err := unix.Connect(fd, &unix.SockaddrUnix{Name: path}); err != nil {
		return fmt.Errorf("connect %s: %w", path, err)
	}
	rights := unix.UnixRights(int(master.Fd()))
	if err := unix.Sendmsg(fd, []byte(master.Name()), rights, nil, 0); err != nil {
		return fmt.Errorf("sendmsg %s: %w", path, err)
	}
	return nil
}
