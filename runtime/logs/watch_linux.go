package logs

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// news tells when something may have been written to a log (inotify(7)).
type news struct {
	file *os.File
	stop func() bool
}

// watch begins to watch dir, until ctx is done: then wait returns at once.
func watch(ctx context.Context, dir string) (*news, error) {
	fd, err := unix.InotifyInit1(unix.IN_NONBLOCK | unix.IN_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("inotify_init1: %w", err)
	}
	f := os.NewFile(uintptr(fd), "inotify")
	const events = unix.IN_MODIFY | unix.IN_CREATE | unix.IN_MOVED_TO | unix.IN_DELETE_SELF | unix.IN_ONLYDIR
	if _, err := unix.InotifyAddWatch(fd, dir, events); err != nil {
		f.Close()
		return nil, fmt.Errorf("watch %s: %w", dir, err)
	}
	stop := context.AfterFunc(ctx, func() { _ = f.SetReadDeadline(time.Unix(1, 0)) })
	return &news{f, stop}, nil
}

// wait returns when there may be more to read.
func (n *news) wait() error {
	_, err := n.file.Read(make([]byte, 4096)) // what it says does not matter
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return nil
	}
	return err
}

func (n *news) close() {
	n.stop()
	n.file.Close()
}
