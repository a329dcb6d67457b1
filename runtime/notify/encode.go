package notify

import (
	"strconv"
	"strings"
	"time"
)

// Encode writes a message as a datagram which Parse reads. What is known from
// the kernel is not in it, nor is Bad. A text ends at its first line.
func (m Message) Encode() []byte {
	var lines []string
	put := func(set bool, name, value string) {
		if set {
			lines = append(lines, name+"="+value)
		}
	}
	put(m.Ready, "READY", "1")
	put(m.Reloading, "RELOADING", "1")
	put(m.Stopping, "STOPPING", "1")
	put(m.Watchdog && !m.Trigger, "WATCHDOG", "1")
	put(m.Trigger, "WATCHDOG", "trigger")
	put(m.Barrier, "BARRIER", "1")
	put(m.WatchdogEvery > 0, "WATCHDOG_USEC", micro(m.WatchdogEvery))
	put(m.Extend > 0, "EXTEND_TIMEOUT_USEC", micro(m.Extend))
	put(m.At > 0, "MONOTONIC_USEC", micro(m.At))
	put(m.HasStatus || m.Status != "", "STATUS", line(m.Status))
	put(m.MainPID > 0, "MAINPID", strconv.Itoa(m.MainPID))
	put(m.Errno > 0, "ERRNO", strconv.Itoa(m.Errno))
	put(m.BusError != "", "BUSERROR", line(m.BusError))
	put(m.ExitStatus != "", "EXIT_STATUS", line(m.ExitStatus))
	return []byte(strings.Join(lines, "\n"))
}

// micro is a time in microseconds, rounded up: never 0.
func micro(d time.Duration) string {
	n := d.Microseconds()
	if d%time.Microsecond > 0 {
		n++
	}
	return strconv.FormatInt(n, 10)
}

// line is the first line of a text, which must not become another assignment,
// in the bounds of a message.
func line(text string) string {
	first, _, _ := strings.Cut(text, "\n")
	return printable(first, MaxStatus)
}
