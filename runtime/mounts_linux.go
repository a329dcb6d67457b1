package runtime

import (
	"strconv"

	"golang.org/x/sys/unix"
)

// When the last process of a mount namespace ends the kernel takes the mounts apart
// and waits for all processors before anybody is told of the end
// (synchronize_rcu_expedited in namespace_unlock, fs/namespace.c): 0.3 ms and more of
// waiting, without CPU. Whoever holds the namespace takes that over. So we hold it
// until the process was reaped, and the wait goes on beside the account of its end and
// the clearing away. It is over when mini ends: the end of a process waits for its
// threads.

// holdMounts is for a container that is watched, once its process is there. A hook
// that comes after the end must find the mounts gone, and so must the next overlay on
// the same directory; then, or if an ordinary user may not, nothing is held.
func (c *Container) holdMounts() {
	p := c.Plan
	if !p.config.Supervised || p.config.Spec.Hooks != nil || p.config.KeepOverlay || p.config.Overlay != nil && p.config.Overlay.Upper != "" {
		return
	}
	fd, err := unix.Open("/proc/"+strconv.Itoa(c.Record.Pid)+"/ns/mnt", unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err == nil {
		c.mounts = fd
	}
}

// dropMounts is for its end.
func (c *Container) dropMounts() {
	if c.mounts > 0 {
		go unix.Close(c.mounts)
		c.mounts = 0
	}
}
