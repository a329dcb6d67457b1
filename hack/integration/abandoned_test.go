package integration

import (
	"syscall"
	"testing"
)

// TestWaitForAbandoned: who waits for a container whose supervisor is killed is
// not told that all is well.
func TestWaitForAbandoned(t *testing.T) {
	u := newUser(t)
	u.detached("job", u.bundle(sh("exec sleep 1000")))
	pid := u.supervisor("job")
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	u.awaitStopped("job")
	r := u.mini("wait", "job")
	r.wants(t, 125, "")
	r.says(t, `"job": its supervisor has died, and the container with it`)
}
