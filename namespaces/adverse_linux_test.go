package namespaces

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

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

// TestFrozen: who waits for a cgroup to be thawed does not stop the others, who
// collect garbage and start programs, such as the one that thaws it.
func TestFrozen(t *testing.T) {
	needRoot(t)
	dir := filepath.Join(cgroup2(t), fmt.Sprintf("mini-namespaces-frozen-%d", os.Getpid()))
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	defer os.Remove(dir)
	freeze := dir + "/cgroup.freeze"
	rescue := exec.Command("sh", "-c", "sleep 100; echo 0 >"+freeze) // or a failure would hang for good
	rescue.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := rescue.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { unix.Kill(-rescue.Process.Pid, unix.SIGKILL); rescue.Wait() }()
	for _, types := range []string{"pid", "time"} {
		if err := os.WriteFile(freeze, []byte("1"), 0); err != nil {
			t.Fatal(err)
		}
		child := &Child{Exe: openFile(t, "/bin/true"), Args: []string{"true"}, Cgroup: openFile(t, dir)}
		steps, err := Plan(Config{Namespaces: list(types), Cgroup: true}, root, child)
		if err != nil {
			t.Fatal(err)
		}
		done := make(chan error, 1)
		go func() { done <- run(steps.Spawn) }()
		awaitPoll(t)
		runtime.GC()
		select {
		case err := <-done:
			t.Fatalf("%s: in a frozen cgroup: %v", types, err)
		default:
		}
		if err := exec.Command("sh", "-c", "echo 0 >"+freeze).Run(); err != nil {
			t.Fatal(err)
		}
		if err := <-done; err != nil {
			t.Errorf("%s: %v", types, err)
		} else if err := exitOK(child); err != nil {
			t.Errorf("%s: %v", types, err)
		}
	}
}

// awaitPoll waits until a thread of ours waits for an event, or for its vfork.
func awaitPoll(t *testing.T) {
	t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); {
		files, _ := filepath.Glob("/proc/self/task/*/wchan")
		for _, f := range files {
			if text, _ := os.ReadFile(f); strings.Contains(string(text), "poll_schedule") || strings.Contains(string(text), "clone") {
				return
			}
		}
		runtime.Gosched()
	}
	t.Fatal("nobody waits")
}
