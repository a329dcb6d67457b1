package cgroups

import (
	"errors"
	"fmt"
	"math"
	"time"

	"golang.org/x/sys/unix"
)

// Watch waits for changes in the event files of a group (cgroups(7), "Cgroups
// v2 release notification"; cgroup-v2.rst, memory.events).
type Watch struct {
	group *Group
	files []int
}

// Watch begins to watch: what changes from now on ends the next wait.
func (g *Group) Watch() (*Watch, error) {
	dir, err := g.open()
	if err != nil {
		return nil, err
	}
	w := &Watch{group: g}
	for _, name := range []string{"cgroup.events", "memory.events"} {
		fd, err := openat(int(dir.Fd()), name, unix.O_RDONLY)
		if errors.Is(err, unix.ENOENT) {
			continue // no memory controller
		}
		if err != nil {
			w.Close()
			return nil, fmt.Errorf("open %s: %w", name, err)
		}
		w.files = append(w.files, fd)
	}
	return w, w.read()
}

// Close ends the watch; the group stays open.
func (w *Watch) Close() {
	for _, fd := range w.files {
		unix.Close(fd)
	}
	w.files = nil
}

// read takes note of what there is: a poll tells what changes after it.
func (w *Watch) read() error {
	for _, fd := range w.files {
		if _, err := readAll(fd, 0); err != nil {
			return err
		}
	}
	return nil
}

// Next returns when something has changed, or after limit at the latest. A
// group that has been removed is not populated.
func (w *Watch) Next(limit time.Duration) (Events, error) {
	fds := make([]unix.PollFd, len(w.files))
	for i, fd := range w.files {
		fds[i] = unix.PollFd{Fd: int32(fd), Events: unix.POLLPRI}
	}
	wait := min(max(limit.Milliseconds(), 0), math.MaxInt32)
	if _, err := unix.Poll(fds, int(wait)); err != nil && err != unix.EINTR {
		return Events{}, fmt.Errorf("poll the event files: %w", err)
	}
	err := w.read()
	var e Events
	if err == nil {
		e, err = w.group.Events()
	}
	if errors.Is(err, unix.ENODEV) {
		return Events{}, nil
	}
	return e, err
}
