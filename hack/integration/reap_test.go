package integration

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// reaps waits, as the machine's process 1 does, for the orphans that come to us
// from inside containers: a process 1 in there cannot go before they have. Those
// themselves are left: their status is for who asks.
func (u user) reaps() {
	stop, done := make(chan bool), make(chan bool)
	go func() {
		defer close(done)
		for {
			for _, pid := range zombies(os.Getpid()) {
				if nested, first := inside(pid); nested && !first {
					_, _ = unix.Wait4(pid, nil, unix.WNOHANG, nil)
				}
			}
			select {
			case <-stop:
				return
			case <-time.After(10 * time.Millisecond):
			}
		}
	}()
	u.t.Cleanup(func() { close(stop); <-done })
}

// zombies lists the dead children of a process that it has not waited for.
func zombies(of int) (pids []int) {
	lists, _ := os.ReadDir(fmt.Sprintf("/proc/%d/task", of))
	for _, thread := range lists {
		text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%s/children", of, thread.Name()))
		for _, word := range strings.Fields(string(text)) {
			pid, _ := strconv.Atoi(word)
			stat, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
			if _, rest, ok := strings.Cut(string(stat), ") "); ok && strings.HasPrefix(rest, "Z") {
				pids = append(pids, pid)
			}
		}
	}
	return pids
}

// inside says whether a process is in a pid namespace below ours, and its first.
func inside(pid int) (nested, first bool) {
	status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	for line := range strings.Lines(string(status)) {
		if numbers, ok := strings.CutPrefix(line, "NSpid:"); ok {
			list := strings.Fields(numbers)
			return len(list) > 1, len(list) > 1 && list[len(list)-1] == "1"
		}
	}
	return false, false
}
