package namespaces

import (
	"os"
	"os/signal"
	"runtime"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestManyForks forks while everything that could hurt a forked Go runtime goes
// on: garbage collection, stack growth, signals, other forks.
func TestManyForks(t *testing.T) {
	needRoot(t)
	stop := make(chan struct{})
	var noise, forks sync.WaitGroup
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, unix.SIGUSR1)
	defer signal.Stop(signals)
	for _, f := range []func(){
		runtime.GC,
		func() { grow(200) },
		func() { unix.Kill(os.Getpid(), unix.SIGUSR1); runtime.Gosched() },
	} {
		noise.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					f()
				}
			}
		})
	}
	deadline := time.Now().Add(8 * time.Second)
	for _, types := range []string{"", "user", "time", "uts=/proc/self/ns/uts pid"} {
		forks.Go(func() { forkUntil(t, deadline, types) })
	}
	forks.Wait()
	close(stop)
	noise.Wait()
}

func grow(n int) byte {
	var page [512]byte
	if n == 0 {
		return page[0]
	}
	return grow(n-1) + page[n]
}

func forkUntil(t *testing.T, deadline time.Time, types string) {
	exe, err := os.Open("/bin/true")
	if err != nil {
		t.Error(err)
		return
	}
	defer exe.Close()
	c := Config{Namespaces: list(types)}
	if types == "user" {
		c.UIDMappings, c.GIDMappings = someIDs, someIDs
	}
	n := 0
	for ; time.Now().Before(deadline) && !t.Failed() && n < 1000; n++ {
		child := &Child{Exe: exe, Args: []string{"true"}}
		err := spawn(c, root, child)
		if err == nil {
			err = exitOK(child)
		}
		if err != nil {
			t.Errorf("%s: fork %d: %v", types, n, err)
		}
	}
	t.Logf("%q: %d forks", types, n)
}

// exitOK waits for a program that should end well.
func exitOK(c *Child) error {
	var status unix.WaitStatus
	for {
		_, err := unix.Wait4(c.Pid, &status, 0, nil)
		if err == unix.EINTR {
			continue
		}
		c.Pidfd.Close()
		if err == nil && status != 0 {
			return unix.Errno(unix.ENOEXEC)
		}
		return err
	}
}

func BenchmarkStart(b *testing.B) {
	needRoot(b)
	exe, err := os.Open("/bin/true")
	if err != nil {
		b.Fatal(err)
	}
	defer exe.Close()
	for name, types := range map[string]string{"none": "", "default": "pid network mount ipc uts user cgroup", "no net": "pid mount ipc uts user cgroup", "time": "time"} {
		b.Run(name, func(b *testing.B) {
			c := Config{Namespaces: list(types), UIDMappings: someIDs, GIDMappings: someIDs}
			if name == "none" || name == "time" {
				c.UIDMappings, c.GIDMappings = nil, nil
			}
			var wait time.Duration
			for b.Loop() {
				child := &Child{Exe: exe, Args: []string{"true"}}
				steps, err := Plan(c, root, child)
				if err != nil {
					b.Fatal(err)
				}
				if err := run(steps.Spawn[:len(steps.Spawn)-1]); err != nil {
					b.Fatal(err)
				}
				start := time.Now()
				if err := run(steps.Spawn[len(steps.Spawn)-1:]); err != nil {
					b.Fatal(err)
				}
				wait += time.Since(start)
				if err := exitOK(child); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(wait.Microseconds())/float64(b.N), "µs-released/op")
		})
	}
}
