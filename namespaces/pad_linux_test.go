package namespaces

import (
	"errors"
	"testing"

	"golang.org/x/sys/unix"
)

// TestKilledOnTheWay: the process that a helper has cloned is known, and waited for,
// though neither of the two could tell of it; and that there is none is known, too.
func TestKilledOnTheWay(t *testing.T) {
	needRoot(t)
	target := startIn(t, Config{Namespaces: list("pid")})
	defer target.stop(t)
	for _, cloned := range []bool{true, false} {
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
		if cloned {
			child.cloneAgain(0)
		}
		child.list.Call("exit_group", unix.SYS_EXIT_GROUP)
		child.waiting, child.going = false, true
		err = child.Await()
		second := child.Pid
		if known := second != 0 && second != helper; known != cloned || errors.Is(err, errKilled) == cloned || cloned && err != nil {
			t.Errorf("the second process is %d, the helper was %d, error %v; one was cloned: %v", second, helper, err, cloned)
		}
		if err := child.Abort(); err != nil {
			t.Error(err)
		}
		for _, pid := range []int{helper, second} {
			if _, err := unix.Wait4(pid, nil, unix.WNOHANG, nil); pid != 0 && err != unix.ECHILD {
				t.Errorf("process %d was not waited for: %v", pid, err)
			}
		}
	}
}
