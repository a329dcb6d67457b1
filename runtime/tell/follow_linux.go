package tell

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// watcher tells when something may have been written, or a container has come
// or gone (inotify(7)).
type watcher struct {
	root string
	file *os.File
	fd   int
	stop func() bool
	buf  []byte
}

// Files are opened and closed for each event, those of the log are not: the
// first are told of, the second not. That a container's directory is removed is
// told by its parent: IN_DELETE_SELF would wait for us, who hold it open.
const (
	inRoot      = unix.IN_CREATE | unix.IN_MOVED_TO | unix.IN_DELETE | unix.IN_DELETE_SELF | unix.IN_MOVE_SELF | unix.IN_ONLYDIR
	inContainer = unix.IN_CLOSE_WRITE | unix.IN_ONLYDIR
)

// watch begins to watch root, until ctx is done: then wait returns at once.
func watch(ctx context.Context, root string) (*watcher, error) {
	root, err := filepath.Abs(root)
	if err != nil {
		return nil, err
	}
	fd, err := unix.InotifyInit1(unix.IN_NONBLOCK | unix.IN_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("inotify_init1: %w", err)
	}
	w := &watcher{root: root, file: os.NewFile(uintptr(fd), "inotify"), fd: fd, buf: make([]byte, 4096)}
	w.stop = context.AfterFunc(ctx, func() { _ = w.file.SetReadDeadline(time.Unix(1, 0)) })
	return w, nil
}

// approach watches root or, as long as that is not there, what it will be made
// in. The last container takes the root with it, and the next one makes it anew.
func (w *watcher) approach() error {
	for dir := w.root; ; {
		_, err := unix.InotifyAddWatch(w.fd, dir, inRoot)
		switch {
		case errors.Is(err, unix.ENOENT) && dir != "/":
			dir = filepath.Dir(dir)
		case err != nil:
			return fmt.Errorf("watch %s: %w", dir, err)
		case dir == w.root:
			return nil
		default:
			below := filepath.Join(dir, first(w.root[len(dir):]))
			if _, err := os.Stat(below); err != nil {
				return ignoreMissing(err)
			}
			dir = w.root // it was made meanwhile
		}
	}
}

// first is the first element of a path.
func first(path string) string {
	element, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	return element
}

func ignoreMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// add watches a container's directory, which may be gone already.
func (w *watcher) add(dir string) error {
	_, err := unix.InotifyAddWatch(w.fd, dir, inContainer)
	if err != nil && !errors.Is(err, unix.ENOENT) {
		return fmt.Errorf("watch %s: %w", dir, err)
	}
	return nil
}

// wait returns when there may be something new.
func (w *watcher) wait() error {
	_, err := w.file.Read(w.buf) // what it says does not matter
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return nil
	}
	return err
}

func (w *watcher) close() {
	w.stop()
	w.file.Close()
}

// list names the containers there are: all directories. A file of another kind
// has no journal, and never will.
func (f *follower) list() (ids []string, err error) {
	entries, err := os.ReadDir(f.Root)
	for _, e := range entries {
		if e.IsDir() {
			ids = append(ids, e.Name())
		}
	}
	return ids, ignoreMissing(err)
}

// meet begins to read a container's journal; nil if it has gone meanwhile. What is
// written from the watch on is told by it, what was before is read after it.
func (f *follower) meet(id string) (*tail, error) {
	dir := filepath.Join(f.Root, id)
	if f.watch != nil {
		if err := f.watch.add(dir); err != nil {
			return nil, err
		}
	}
	root, err := os.OpenRoot(dir)
	if errors.Is(err, fs.ErrNotExist) && (f.later || f.ID == "") {
		return nil, nil
	}
	return &tail{dir: root}, err
}
