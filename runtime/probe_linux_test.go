package runtime

import (
	"context"
	"os"
	"os/exec"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"mini/health"
	"mini/runtime/checks"
)

// TestProbeOfADeadOne: a probe that fails because the program has ended, or has been
// put away, says nothing before its end is told; of one that lives it says so at once.
// Nobody can be asked here, which is no success.
func TestProbeOfADeadOne(t *testing.T) {
	for program, dead := range map[string]bool{"true": true, "cat": false, "": true} {
		t.Run(program, func(t *testing.T) {
			var c *Container
			if program != "" {
				c = watchedProgram(t, program, dead)
			}
			s := &supervisor{now: c, Heartbeat: Heartbeat{Checks: &checks.Spec{Checks: []checks.Check{{TCP: &checks.TCP{}}}}}}
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			result := make(chan health.Result, 1)
			go func() { result <- s.probe(ctx, 0) }()
			if dead {
				select {
				case r := <-result:
					t.Fatalf("got %+v before the end was told", r)
				case <-time.After(50 * time.Millisecond):
				}
				cancel()
			}
			if r := <-result; r.Kind != health.Error || (r.Output == "the container has ended") != dead {
				t.Errorf("got %+v", r)
			}
		})
	}
}

// watchedProgram is a container with such a first process, whose end nobody waits for.
func watchedProgram(t *testing.T, program string, ends bool) *Container {
	t.Helper()
	cmd := exec.Command(program)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stdin.Close(); _ = cmd.Wait() })
	fd, err := unix.PidfdOpen(cmd.Process.Pid, 0)
	if err != nil {
		t.Fatal(err)
	}
	c := &Container{Pidfd: os.NewFile(uintptr(fd), "pidfd")}
	t.Cleanup(func() { c.Pidfd.Close() })
	if ends {
		if err := readable(c.Pidfd); err != nil {
			t.Fatal(err)
		}
	}
	return c
}
