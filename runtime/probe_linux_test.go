package runtime

import (
	"os"
	"os/exec"
	"testing"

	"golang.org/x/sys/unix"

	"mini/health"
	"mini/runtime/checks"
)

// TestProbeOfADeadOne: a probe that fails because the program has ended, or has been
// put away, is none; one that lives is told of. Nobody can be asked here, which is no
// success.
func TestProbeOfADeadOne(t *testing.T) {
	for program, want := range map[string]health.Kind{"true": health.Moot, "cat": health.Error, "": health.Moot} {
		t.Run(program, func(t *testing.T) {
			var c *Container
			if program != "" {
				c = watchedProgram(t, program, want == health.Moot)
			}
			s := &supervisor{now: c, Heartbeat: Heartbeat{Checks: &checks.Spec{Checks: []checks.Check{{TCP: &checks.TCP{}}}}}}
			if r := s.probe(t.Context(), 0); r.Kind != want {
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
