package integration

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// restless is a container in which something happens all the time: a run is short,
// and has children of its own; a probe never ends, has forked away, and comes again
// as soon as it was killed.
const (
	restless      = "sleep 1000 & setsid sleep 1000 & sleep 0.0$((n % 7)); exit 1"
	restlessProbe = "(setsid sleep 2000 &); trap '' TERM; sleep 2000"
)

// doomed is a container whose supervisor is to be killed.
type doomed struct {
	name string
	args []string
	runs func() int
}

func newDoomed(t *testing.T, u user, name string, flags ...string) doomed {
	args, runs := counted(t, u, restless)
	return doomed{name, slices.Concat([]string{"run", "-d", "--name", name, "--restart", "always", "--start-limit", "none", "--restart-delay", "1ms",
		"--restart-delay-factor", "1", "--health-cmd", restlessProbe, "--health-interval", "1ms", "--health-timeout", "5ms", "--health-retries", "1000000"}, flags, args), runs}
}

// meet starts it and kills its supervisor so much later than that has taken the
// name, be the start over or not.
func (d doomed) meet(t *testing.T, u user, after time.Duration) {
	cmd := u.command(d.args...)
	if err := cmd.Start(); err != nil {
		t.Error(err)
		return
	}
	defer cmd.Wait() // says that the supervisor is dead, if it was still starting
	lock := filepath.Join(u.root, d.name, "lock")
	pid := 0
	for end := time.Now().Add(patience()); pid == 0; time.Sleep(time.Millisecond) {
		owner, _ := os.ReadFile(lock)
		if fields := strings.Fields(string(owner)); len(fields) > 1 {
			pid, _ = strconv.Atoi(fields[0])
		}
		if time.Now().After(end) {
			t.Errorf("%s has no supervisor", d.name)
			return
		}
	}
	time.Sleep(after) // the random moment
	fd, err := unix.PidfdOpen(pid, 0)
	if err == nil && !strings.Contains(describe(pid), "mini supervise") {
		err = errors.New("it has ended by itself")
	}
	if err == nil {
		err = unix.PidfdSendSignal(fd, unix.SIGKILL, nil, 0)
	}
	if err != nil {
		t.Errorf("kill the supervisor of %s: %v", d.name, err)
		return
	}
	ended(t, fd)
}

// breath is how long such a container takes here to its first run, alone.
func (d doomed) breath(t *testing.T, u user) time.Duration {
	t.Helper()
	begin := time.Now()
	u.mini(d.args...).wants(t, 0, d.name+"\n")
	await(t, "the first run", func() bool { return d.runs() > 0 })
	took := time.Since(begin)
	u.mini("delete", "--force", d.name).wants(t, 0, "")
	return took
}

// populated says whether anything lives in a container's cgroup.
func populated(name string) bool {
	text, err := os.ReadFile("/sys/fs/cgroup/mini/" + name + "/cgroup.events")
	return err == nil && strings.Contains(string(text), "populated 1")
}

// TestFaultSupervisorKilled: SIGKILL, 200 times, at any moment from the first file
// on: during the start, a probe, an end, a restart. With it dies the container, also
// without anybody's help; the next command finds nothing that is in use, and leaves
// nothing; and no run begins any more.
func TestFaultSupervisorKilled(t *testing.T) {
	const atOnce, rounds = 8, 25
	u := newUser(t)
	u.reaps()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rnd := rand.New(rand.NewPCG(seed, 0))
	all := make([]doomed, atOnce)
	for i := range all {
		all[i] = newDoomed(t, u, fmt.Sprint(site, "-", i))
	}
	moments := max(150*time.Millisecond, 5*all[0].breath(t, u)) // all at once they are slower
	u.mini("gc").wantStatus(t, 0)
	before := look(u.root)
	runs, first := 0, total(all)
	for round := range rounds {
		var killers sync.WaitGroup
		for _, d := range all {
			after := time.Duration(rnd.Int64N(int64(moments)))
			killers.Go(func() { d.meet(t, u, after) })
		}
		killers.Wait()
		for _, d := range all {
			await(t, "the end of "+d.name, func() bool { return !populated(d.name) })
		}
		runs = total(all)
		if round%2 == 0 {
			u.mini("gc").wantStatus(t, 0)
		} else {
			u.mini("run", "--name", site, u.bundle(), "--", "true").wantStatus(t, 0)
		}
		if left := leftSince(before, u.root); len(left) > 0 {
			t.Fatalf("round %d: left behind:\n%s", round, strings.Join(left, "\n"))
		}
		if n := total(all); n != runs {
			t.Errorf("round %d: %d runs have begun after the end", round, n-runs)
		}
	}
	t.Logf("%d runs, killed within %s", runs-first, moments)
	if runs-first < rounds {
		t.Errorf("%d runs: nearly all were killed before they had begun", runs-first)
	}
}

func total(all []doomed) (n int) {
	for _, d := range all {
		n += d.runs()
	}
	return n
}

// TestFaultSupervisorReplaced: with adopt the container lives on, and its probes with
// the next supervisor; those of the dead one do not. One run is under way, or will be.
func TestFaultSupervisorReplaced(t *testing.T) {
	u := newUser(t)
	u.reaps()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rnd := rand.New(rand.NewPCG(seed, 0))
	d := newDoomed(t, u, site, "--on-supervisor-death", "adopt")
	u.t.Cleanup(func() { u.mini("delete", "--force", site) })
	u.mini(d.args...).wants(t, 0, site+"\n")
	for range 30 {
		time.Sleep(time.Duration(rnd.Int64N(int64(60 * time.Millisecond))))
		u.killSupervisor(site)
		before := d.runs()
		if rnd.IntN(2) == 0 {
			u.mini("adopt", site).wants(t, 0, "")
		} else {
			u.mini("wait", "--for", "started", site)
		}
		await(t, "a further run", func() bool { return d.runs() > before })
		if n := firsts(t, site); n > 1 {
			t.Errorf("%d runs at once", n)
		}
	}
	u.mini("stop", "--grace", "0s", site).wants(t, 0, "")
	if _, err := os.Stat("/sys/fs/cgroup/mini/" + site); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("its cgroup: %v", err)
	}
}

// firsts is how many of a container's processes are the first of their pid
// namespace, as one is in each run.
func firsts(t *testing.T, name string) (n int) {
	t.Helper()
	for _, pid := range members(t, name) {
		if _, first := inside(pid); first {
			n++
		}
	}
	return n
}

// TestFaultProbeOfTheDead: what a supervisor that was killed had asked with does not
// stay in the container.
func TestFaultProbeOfTheDead(t *testing.T) {
	u := newUser(t)
	u.reaps()
	args, runs := counted(t, u, untilTerm)
	data, _, _ := strings.Cut(args[1], ":")
	probe := "[ -e /data/first ] || { echo x >/data/first; " + restlessProbe + "; }"
	u.detached(site, slices.Concat([]string{"--on-supervisor-death", "adopt", "--health-cmd", probe, "--health-interval", "1ms", "--health-timeout", "1h"}, args)...)
	awaitText(t, filepath.Join(data, "first"), "x")
	u.killSupervisor(site)
	u.mini("adopt", site).wants(t, 0, "")
	u.mini("wait", "--for", "healthy", site).wants(t, 0, "")
	await(t, "the end of the old probe", func() bool { return len(processes(t, site, "sleep 2000")) == 0 })
	u.mini("stop", "--grace", "0s", site).wants(t, 0, "")
	if n := runs(); n != 1 {
		t.Errorf("%d runs, want 1", n)
	}
}
