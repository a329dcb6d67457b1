package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os/exec"
	"sync"
	"time"
)

// A job is what one container does, and how mini is to end then.
type job struct {
	args   []string
	status int
}

// jobs are short, and each leaves something to clear away.
var jobs = []job{
	{[]string{"true"}, 0},
	{[]string{"sh", "-c", "exit 3"}, 3},
	{[]string{"sh", "-c", "echo x >/file; sleep 60 & sleep 60 & echo ok"}, 0},
	{[]string{"sh", "-c", "sh -c 'kill -9 $$'; exit 4"}, 4},
	{[]string{"no-such-program"}, 127},
}

// A tally counts how the runs went.
type tally struct {
	mu           sync.Mutex
	well, killed int
	wrong        []error
}

func (t *tally) String() string {
	return fmt.Sprintf("%d ended as they should, %d had their mini killed, %d went wrong", t.well, t.killed, len(t.wrong))
}

func (t *tally) add(killed bool, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case err != nil:
		t.wrong = append(t.wrong, err)
	case killed:
		t.killed++
	default:
		t.well++
	}
}

// runAll runs n containers, s.jobs at a time. The first error of those that went
// wrong is returned.
func (s soak) runAll(n int) (*tally, error) {
	t, numbers := &tally{}, make(chan int)
	var all sync.WaitGroup
	for range s.jobs {
		all.Go(func() {
			for i := range numbers {
				t.add(s.one(i))
			}
		})
	}
	for i := range n {
		numbers <- i
	}
	close(numbers)
	all.Wait()
	if len(t.wrong) > 0 {
		return t, fmt.Errorf("%v; the first: %w", t, t.wrong[0])
	}
	return t, nil
}

// one runs a container. Which, and when mini is killed, follows from the seed.
func (s soak) one(i int) (killed bool, err error) {
	chance := rand.New(rand.NewPCG(s.seed, uint64(i)))
	j := jobs[chance.IntN(len(jobs))]
	args := append([]string{"--root", s.state, "run", "--rootfs", s.rootfs, "--timeout", "1m", "--"}, j.args...)
	cmd := exec.Command(s.mini, args...)
	if err := cmd.Start(); err != nil {
		return false, err
	}
	killed = chance.IntN(100) < s.kill
	if killed {
		time.Sleep(time.Duration(chance.Int64N(int64(40 * time.Millisecond))))
		_ = cmd.Process.Kill()
	}
	err = cmd.Wait()
	if status := cmd.ProcessState.ExitCode(); status == j.status || killed && status == -1 {
		return killed, nil
	} else {
		return killed, errors.Join(fmt.Errorf("run %d, %q: exit status %d, want %d", i, j.args, status, j.status), err)
	}
}
