package integration

import (
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// onSmallDisk puts a state directory on a file system of 4 MiB.
func onSmallDisk(t *testing.T, u user) {
	t.Helper()
	if err := os.MkdirAll(u.root, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := run("mount", "-t", "tmpfs", "-o", "size=4m,mode=700", "small", u.root); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = run("umount", "-l", u.root) })
}

// fill takes all that is left of a disk, and gives the file that has it.
func fill(t *testing.T, dir string) string {
	t.Helper()
	name := filepath.Join(dir, ".filler")
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for err == nil {
		_, err = f.Write(make([]byte, 64<<10))
	}
	for err = nil; err == nil; {
		_, err = f.Write([]byte{0})
	}
	return name
}

// TestFaultDiskFull: the log has no room. The program is not held up, it is watched
// as before, and the log says that something is missing.
func TestFaultDiskFull(t *testing.T) {
	u := newUser(t)
	onSmallDisk(t, u)
	args, runs := counted(t, u, "$serve & seq 1 800000; echo x >/data/printed; trap 'exit 0' TERM; while :; do sleep 0.02; done")
	data, _, _ := strings.Cut(args[1], ":")
	u.detached(site, append(web(t), args...)...)
	awaitText(t, filepath.Join(data, "printed"), "x")
	u.mini("wait", "--for", "healthy", site).wants(t, 0, "")
	asked := u.lastProbe(site)
	await(t, "a further probe", func() bool { return u.lastProbe(site).Sub(asked) > time.Millisecond })
	u.mini("stop", site).wants(t, 0, "")
	r := u.mini("logs", site)
	numbers := r.stdout
	if first, rest, _ := strings.Cut(r.stdout, "\n"); strings.HasPrefix(first, "serving") { // the server's word may come first
		numbers = rest
	}
	if r.status != 0 || !strings.HasPrefix(numbers, "1\n2\n3\n") || !strings.Contains(r.stderr, "has lost") {
		t.Errorf("logs: %d, %.20q, %q", r.status, r.stdout, r.stderr)
	}
	if got := u.inspect(site); got.Exit == nil || got.Exit.Status != 0 || runs() != 1 {
		t.Errorf("the end: %+v, %d runs", got.Exit, runs())
	}
}

// TestFaultDiskQuiteFull: there is no room for anything, and the program is killed.
// It is started again as soon as there is.
func TestFaultDiskQuiteFull(t *testing.T) {
	u := newUser(t)
	onSmallDisk(t, u)
	args, runs := counted(t, u, "exec $serve")
	u.detached(site, slices.Concat(web(t), []string{"--start-limit", "none", "--restart-delay-max", "50ms"}, args)...)
	u.mini("wait", "--for", "healthy", site).wants(t, 0, "")
	v, _ := u.health(site)
	filler := fill(t, u.root)
	signalAll(t, unix.SIGKILL, v.Pid)
	await(t, "a failed start, or the next one", func() bool { v, _ := u.health(site); return v.Restarts > 2 || v.Restarts == 1 && v.State == "healthy" })
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	u.mini("wait", "--for", "healthy", site).wants(t, 0, "")
	if again, _ := u.health(site); again.Pid == v.Pid || again.Pid == 0 {
		t.Errorf("after it: %+v", again)
	}
	u.mini("stop", "--grace", "0s", site).wants(t, 0, "")
	if n := runs(); n != 2 {
		t.Errorf("%d runs, want 2", n)
	}
}

// receivers are flags that have somebody told who does not answer, or is not there.
func receivers(t *testing.T) map[string][]string {
	t.Helper()
	dir := t.TempDir()
	silent, err := net.Listen("unix", filepath.Join(dir, "silent")) // accepts nothing
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { silent.Close() })
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	return map[string][]string{
		"webhook-hangs":        {"--webhook", "unix:" + filepath.Join(dir, "silent")},
		"webhook-refuses":      {"--webhook", "http://" + closed.Addr().String() + "/"},
		"webhook-is-not-there": {"--webhook", "unix:" + filepath.Join(dir, "nothing")},
		"command-hangs":        {"--on-event", "trap '' TERM; sleep 4444 & sleep 4444"},
		"command-fails":        {"--on-event", "echo no >&2; exit 3"},
	}
}

// TestFaultReceivers: the heartbeat goes on as if nobody were to be told.
func TestFaultReceivers(t *testing.T) {
	u := newUser(t)
	var ends sync.WaitGroup // together: each supervisor may take five seconds to give up
	defer ends.Wait()
	for name, flags := range receivers(t) {
		args, runs := counted(t, u, "exec $serve")
		name = site + "-" + name
		u.detached(name, slices.Concat(web(t), flags, args)...)
		s := u.story(name)
		for range 3 {
			signalAll(t, unix.SIGKILL, s.state("healthy").Pid)
		}
		s.state("healthy")
		fd, err := unix.PidfdOpen(u.supervisor(name), 0)
		if err != nil {
			t.Fatal(err)
		}
		ends.Go(func() {
			s.ends(u, runs)
			ended(t, fd) // it may still try for a while to tell the end
			s.wants("starting" + strings.Repeat(" healthy died backoff created starting", 3) + " healthy stopping died exited")
		})
	}
}
