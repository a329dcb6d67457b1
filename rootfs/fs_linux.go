package rootfs

import (
	"bytes"
	"fmt"
	"strings"

	"golang.org/x/sys/unix"
)

// newFS makes an instance of a file system and a detached mount of it with the
// attributes attrs (MOUNT_ATTR_*).
func newFS(fstype string, params []param, attrs uint64) (int, error) {
	fs, err := unix.Fsopen(fstype, unix.FSOPEN_CLOEXEC)
	if err != nil {
		return -1, fmt.Errorf("fsopen %s: %w", fstype, err)
	}
	defer unix.Close(fs)
	if err := configure(fs, params); err != nil {
		return -1, err
	}
	if err := unix.FsconfigCreate(fs); err != nil {
		return -1, explain(fs, "fsconfig create", err)
	}
	fd, err := unix.Fsmount(fs, unix.FSMOUNT_CLOEXEC, int(attrs))
	if err != nil {
		return -1, explain(fs, "fsmount", err)
	}
	return fd, nil
}

func configure(fs int, params []param) error {
	for _, p := range params {
		var err error
		if p.flag {
			err = unix.FsconfigSetFlag(fs, p.key)
		} else {
			err = unix.FsconfigSetString(fs, p.key, p.value)
		}
		if err != nil {
			return explain(fs, "fsconfig "+p.key, err)
		}
	}
	return nil
}

// explain adds what the file system itself has to say, which a read of the
// context returns: one message a read, each with a letter for its gravity.
func explain(fs int, call string, err error) error {
	var said []string
	line := make([]byte, 1024)
	for len(said) < 8 {
		n, readErr := unix.Read(fs, line)
		if readErr != nil || n <= 0 {
			break
		}
		text := bytes.TrimSpace(line[:n])
		if len(text) > 2 && text[1] == ' ' {
			text = text[2:]
		}
		said = append(said, string(text))
	}
	if len(said) == 0 {
		return fmt.Errorf("%s: %w", call, err)
	}
	return fmt.Errorf("%s: %w (%s)", call, err, strings.Join(said, "; "))
}
