package runtime

import (
	"bytes"
	"errors"
	"os"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// An adopted container's first process is not our child: nobody can wait(2) for
// it but its new parent, which may or may not reap it at once.

// statusUnknown is a status that is neither an exit nor a signal.
const statusUnknown = unix.WaitStatus(0x7f)

// awaitOther returns when the first process has ended, with its status as far
// as it can still be known.
func (c *Container) awaitOther() (unix.WaitStatus, error) {
	if c.Pidfd == nil { // it had ended before we came
		return statusUnknown, nil
	}
	if err := readable(c.Pidfd); err != nil {
		return statusUnknown, err
	}
	for range 10 {
		if status, ok := exitInfo(c.Pidfd); ok {
			return status, nil
		}
		if status, ok := zombieStatus(identity{c.Record.Pid, c.Record.Start}); ok {
			return status, nil
		}
		time.Sleep(time.Millisecond) // between the two: it is being reaped
	}
	return statusUnknown, nil
}

// exitInfo asks the pidfd, which knows it once the process was reaped and if it
// was opened before (PIDFD_GET_INFO, Linux 6.15).
func exitInfo(pidfd *os.File) (unix.WaitStatus, bool) {
	const exit = 1 << 3 // PIDFD_INFO_EXIT
	info := unix.PidfdInfo{Mask: exit}
	err := unix.IoctlPidfdInfo(int(pidfd.Fd()), &info)
	return unix.WaitStatus(info.Exit_code), err == nil && info.Mask&exit != 0
}

// zombieStatus reads the status of a process that has ended and that its parent
// has not waited for (proc_pid_stat(5), field 52; 0 for those who may not trace
// it).
func zombieStatus(id identity) (unix.WaitStatus, bool) {
	if unix.Geteuid() != 0 {
		return 0, false
	}
	data, err := os.ReadFile("/proc/" + strconv.Itoa(id.pid) + "/stat")
	if err != nil {
		return 0, false
	}
	return parseZombie(data, id.start)
}

func parseZombie(data []byte, start uint64) (unix.WaitStatus, bool) {
	state, began, err := parseStat(data)
	fields := bytes.Fields(data[bytes.LastIndexByte(data, ')')+1:])
	const exitCode = 52 - 3 // the fields after the name begin with the third
	if err != nil || state != 'Z' || began != start || len(fields) <= exitCode {
		return 0, false
	}
	code, err := strconv.ParseUint(string(fields[exitCode]), 10, 32)
	return unix.WaitStatus(code), err == nil
}

// isGone says whether an error means that there is no such process any more.
func isGone(err error) bool { return errors.Is(err, unix.ESRCH) }
