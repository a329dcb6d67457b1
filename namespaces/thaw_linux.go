package namespaces

import (
	"bytes"
	"os"

	"golang.org/x/sys/unix"
)

// thawed waits as long as the cgroup that a child is to be born in is frozen. The
// child would stop before it has executed the hand, and with it our thread, which
// the scheduler takes for a busy one: no garbage would be collected, and nothing
// else could be forked, until somebody thaws it. One that is frozen in the
// moment between still does that.
//
// Errors are left to the clone, which will have them too.
func thawed(cgroup *os.File) {
	if cgroup == nil {
		return
	}
	events, err := unix.Openat(int(cgroup.Fd()), "cgroup.events", unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return
	}
	defer unix.Close(events)
	for frozen(events) {
		_, _ = unix.Poll([]unix.PollFd{{Fd: int32(events), Events: unix.POLLPRI}}, -1) // EINTR: looks again
	}
}

func frozen(events int) bool {
	var text [256]byte
	n, err := unix.Pread(events, text[:], 0)
	return err == nil && bytes.Contains(text[:n], []byte("frozen 1"))
}
