package namespaces

import (
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"mini/namespaces/calls"
)

// TestOwnUser: who is in the user namespace that is to be joined stays who it is. An
// ordinary user could not become its root.
func TestOwnUser(t *testing.T) {
	needRoot(t)
	if r := asNobody(t, Config{Namespaces: list("user=/proc/self/ns/user")}); r.UID != 65534 {
		t.Errorf("uid %d, want 65534", r.UID)
	}
}

// TestNothingOfOurs: the second process is among those of a container, which may be
// allowed to trace it. It has no memory in common with us, and no pidfd of us.
func TestNothingOfOurs(t *testing.T) {
	needRoot(t)
	target := startIn(t, Config{Namespaces: list("pid")})
	defer target.stop(t)
	for name, c := range map[string]Config{
		"joined": {Namespaces: joinAll(target, "pid")},
		"user":   {Namespaces: list("user pid"), UIDMappings: someIDs, GIDMappings: someIDs},
		"new":    {Namespaces: list("pid")},
	} {
		t.Run(name, func(t *testing.T) {
			runtime.LockOSThread() // the hand ends with this thread
			defer runtime.UnlockOSThread()
			h, _ := startHandIn(t, c, func(c *Child) { c.Pdeathsig = unix.SIGKILL })
			l := h.List()
			maps, fd := l.Space(4096), l.Open("/proc/self/maps", unix.O_RDONLY)
			n := l.Read(fd.Arg(), maps)
			l.Close(fd.Arg())
			next := l.Call("dup", unix.SYS_DUP, calls.N(h.There))
			if err := l.Flush(); err != nil {
				t.Fatal(err)
			}
			if text := string(maps.Begin(n.Result())); !strings.Contains(text, "[stack]") || strings.Contains(text, " rw-s ") {
				t.Errorf("it shares memory:\n%s", text)
			}
			if next.Result() != h.There+1 {
				t.Errorf("the lowest free descriptor is %d, want %d", next.Result(), h.There+1)
			}
		})
	}
}
