package cgroups

import (
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// waitLimit bounds each wait for the kernel. Killing and freezing take
// milliseconds unless a process hangs in the kernel, on a dead disk say.
const waitLimit = 10 * time.Second

// awaitEvent waits until name in cgroup.events has the value wanted. The
// kernel wakes a poll for POLLPRI at each change after the last read
// (cgroups(7), "Cgroups v2 release notification").
func awaitEvent(dir *os.File, name string, want uint64, limit time.Duration) error {
	fd, err := openat(int(dir.Fd()), "cgroup.events", unix.O_RDONLY)
	if err != nil {
		return fmt.Errorf("open cgroup.events: %w", err)
	}
	defer unix.Close(fd)
	end := time.Now().Add(limit)
	for {
		text, err := readAll(fd, 0)
		if err != nil {
			return fmt.Errorf("read cgroup.events: %w", err)
		}
		events, err := parsePairs(text)
		if err != nil {
			return fmt.Errorf("parse cgroup.events: %w", err)
		}
		left := time.Until(end)
		switch {
		case events[name] == want:
			return nil
		case left <= 0:
			return fmt.Errorf("wait for %s %d in cgroup.events: %w", name, want, unix.ETIMEDOUT)
		}
		_, err = unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLPRI}}, int(left.Milliseconds())+1)
		if err != nil && err != unix.EINTR {
			return fmt.Errorf("poll cgroup.events: %w", err)
		}
	}
}
