package runtime

import (
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// sessionRounds is how often endSession looks anew for what was forked while it
// was killing.
const sessionRounds = 10

// endSession kills all processes of a session, of which the leader has ended. It
// is for who has no cgroup to kill: what has begun a session of its own gets away.
// The number cannot become another session's while this one has a member
// (credentials(7)).
func endSession(id int) {
	killed := map[int]bool{} // a zombie stays in its session until its parent looks
	for range sessionRounds {
		before := len(killed)
		for _, pid := range inSession(id) {
			if !killed[pid] && killMember(pid, id) {
				killed[pid] = true
			}
		}
		if len(killed) == before {
			return
		}
	}
}

// killMember kills a process unless it is not of that session, or not any more.
func killMember(pid, session int) bool {
	fd, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		return false
	}
	defer unix.Close(fd)
	if now, err := unix.Getsid(pid); err != nil || now != session {
		return false
	}
	return unix.PidfdSendSignal(fd, unix.SIGKILL, nil, 0) == nil
}

// inSession are the processes of a session. None are found if /proc cannot be
// read.
func inSession(id int) (pids []int) {
	dir, err := os.Open("/proc")
	if err != nil {
		return nil
	}
	defer dir.Close()
	names, _ := dir.Readdirnames(-1)
	for _, name := range names {
		pid, err := strconv.Atoi(name)
		if err != nil {
			continue
		}
		if session, err := unix.Getsid(pid); err == nil && session == id {
			pids = append(pids, pid)
		}
	}
	return pids
}
