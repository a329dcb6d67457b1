//go:build faults

package runtime

import (
	"os"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// faulty makes mini kill itself right after the step whose number, from 1, is
// in MINI_DIE_AFTER, as nobody from outside could: for the test that nothing
// is left behind. Init waits before each step, so it is not ahead of us.
func faulty(w Watch) Watch {
	n, err := strconv.Atoi(os.Getenv("MINI_DIE_AFTER"))
	if err != nil {
		return w
	}
	return Watch{
		Say:    w.Say,
		Before: func(int, Step) error { return nil },
		After: func(i int, _ Step, _ time.Duration) {
			if i+1 == n {
				_ = unix.Kill(unix.Getpid(), unix.SIGKILL)
			}
		},
	}
}
