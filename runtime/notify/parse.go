package notify

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// Parse reads a datagram: lines of NAME=VALUE. It never fails; of a name given
// twice the last value counts.
func Parse(datagram []byte) Message {
	var m Message
	for line := range strings.SplitSeq(string(datagram), "\n") {
		name, value, _ := strings.Cut(line, "=")
		if !m.read(name, value) && len(m.Bad) < maxBad {
			m.Bad = append(m.Bad, printable(line, MaxStatus))
		}
	}
	return m
}

// read takes one assignment; false is a value that means nothing.
func (m *Message) read(name, value string) bool {
	switch name {
	case "READY":
		return isOne(&m.Ready, value)
	case "RELOADING":
		return isOne(&m.Reloading, value)
	case "STOPPING":
		return isOne(&m.Stopping, value)
	case "BARRIER":
		return isOne(&m.Barrier, value)
	case "WATCHDOG":
		return value == "trigger" && isOne(&m.Trigger, "1") || isOne(&m.Watchdog, value)
	case "WATCHDOG_USEC":
		return usec(&m.WatchdogEvery, value)
	case "EXTEND_TIMEOUT_USEC":
		return usec(&m.Extend, value)
	case "MONOTONIC_USEC":
		return usec(&m.At, value)
	case "MAINPID":
		return number(&m.MainPID, value, 1, math.MaxInt32)
	case "ERRNO":
		return number(&m.Errno, value, 0, maxErrno)
	case "STATUS":
		m.HasStatus = true
		return text(&m.Status, value)
	case "BUSERROR":
		return text(&m.BusError, value)
	case "EXIT_STATUS":
		return text(&m.ExitStatus, value)
	}
	return true
}

// maxErrno is the largest that a system call can return (MAX_ERRNO).
const maxErrno = 4095

func isOne(to *bool, value string) bool {
	if value == "1" {
		*to = true
	}
	return value == "1"
}

// usec reads microseconds, 1 or more; so many that nobody will live to see it
// counts as the longest time there is.
func usec(to *time.Duration, value string) bool {
	n, err := strconv.ParseUint(value, 10, 64)
	if err != nil || n == 0 {
		return false
	}
	*to = time.Duration(min(n, math.MaxInt64/1000)) * time.Microsecond
	return true
}

func number(to *int, value string, least, most int) bool {
	n, err := strconv.ParseUint(value, 10, 31)
	if err != nil || int(n) < least || int(n) > most {
		return false
	}
	*to = int(n)
	return true
}

func text(to *string, value string) bool {
	*to = printable(value, MaxStatus)
	return true
}
