package namespaces

import (
	"testing"

	"golang.org/x/sys/unix"
)

// TestHelperCannotTell: the helper of a second clone is killed before it has told
// of the second process, which is known all the same: it is ours to wait for. The
// SIGPIPE of a link that nobody reads is what kills it here.
func TestHelperCannotTell(t *testing.T) {
	needRoot(t)
	target := startIn(t, Config{Namespaces: list("pid")})
	defer target.stop(t)
	child, _, _ := newChild(t, "report")
	ops, err := Join(child, target.child.Pid, target.child.Pidfd)
	if err != nil {
		t.Fatal(err)
	}
	defer child.Abort()
	if err := ops[0].Do(); err != nil {
		t.Fatal(err)
	}
	helper := child.Pid
	if err := unix.Shutdown(child.link, unix.SHUT_RD); err != nil {
		t.Fatal(err)
	}
	if err := unix.Sendto(child.link, []byte{1}, unix.MSG_NOSIGNAL, nil); err != nil {
		t.Fatal(err)
	}
	dead := []unix.PollFd{{Fd: int32(child.Pidfd.Fd()), Events: unix.POLLIN}}
	if n, err := unix.Poll(dead, 10_000); n != 1 || err != nil {
		t.Fatalf("the helper lives: %v", err)
	}
	child.waiting, child.going = false, true
	if err := child.Await(); err != nil {
		t.Fatal(err)
	}
	second := child.Pid
	if second == 0 || second == helper {
		t.Errorf("the second process is %d, the helper was %d", second, helper)
	}
	if err := child.Abort(); err != nil {
		t.Error(err)
	}
	for _, pid := range []int{helper, second} {
		if _, err := unix.Wait4(pid, nil, unix.WNOHANG, nil); err != unix.ECHILD {
			t.Errorf("process %d was not waited for: %v", pid, err)
		}
	}
}
