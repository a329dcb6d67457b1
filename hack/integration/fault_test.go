package integration

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// site is the name of the containers here. Cgroups are named for containers, and
// another run of these tests may be under way.
var site = fmt.Sprint("site-", os.Getpid())

// happening is a line of mini events -f.
type happening struct {
	ID, Event, From, State string
	Pid, Restarts          int
	Status                 *int
	Signal, Reason         string
	Death                  struct{ Log []struct{ Text string } }
	Probe                  *struct {
		Check, Result, Output string
		Row                   int
	}
}

// story is what becomes of a container, read as it happens.
type story struct {
	*background
	name string
	all  []happening // so far
	read int         // of all, by next
}

// story begins with the container's first event, however long ago that was.
func (u user) story(name string) *story {
	u.t.Helper()
	s := u.stories(name)
	s.name = name
	return s
}

// stories are those of all containers, if none is named.
func (u user) stories(names ...string) *story {
	u.t.Helper()
	s := &story{background: u.start(append([]string{"events", "-f", "--since", "0"}, names...)...)}
	u.t.Cleanup(func() {
		_ = s.cmd.Process.Kill()
		_ = s.cmd.Wait()
	})
	s.add(s.first)
	return s
}

func (s *story) add(line string) happening {
	s.t.Helper()
	var h happening
	if err := json.Unmarshal([]byte(line), &h); err != nil {
		s.t.Fatalf("%v: %q", err, line)
	}
	s.all = append(s.all, h)
	return h
}

// next is what happens next.
func (s *story) next() happening {
	s.t.Helper()
	if s.read++; s.read == 1 {
		return s.all[0]
	}
	line, err := s.out.ReadString('\n')
	if err != nil {
		s.t.Fatalf("%s: no more events: %v; there were %s\n%s", s.name, err, s.words(), user{t: s.t, root: s.root()}.mini("logs", s.name).stderr)
	}
	return s.add(line)
}

// root is that of the follower's command line.
func (s *story) root() string { return s.cmd.Args[slices.Index(s.cmd.Args, "--root")+1] }

// state reads on to a state.
func (s *story) state(want string) happening {
	s.t.Helper()
	for {
		switch h := s.next(); {
		case h.Event == "state" && h.State == want:
			return h
		case h.Event == "state" && (h.State == "exited" || h.State == "failed"):
			s.t.Fatalf("%s: %s instead of %s: %s", s.name, h.State, want, s.words())
		}
	}
}

// kind reads on to an event of a kind.
func (s *story) kind(want string) happening {
	s.t.Helper()
	for {
		if h := s.next(); h.Event == want {
			return h
		}
	}
}

// words is the story, told in short: states, and what is no state by its kind.
func (s *story) words() string {
	var words []string
	for _, h := range s.all {
		switch {
		case h.Event == "state":
			words = append(words, h.State)
		case h.Event != "probe":
			words = append(words, h.Event)
		}
	}
	return strings.Join(words, " ")
}

// wants compares the whole of the story.
func (s *story) wants(want string) {
	s.t.Helper()
	if got := s.words(); got != want {
		s.t.Errorf("%s: got %q, want %q", s.name, got, want)
	}
}

// deaths is how many ends of a run it has told.
func (s *story) deaths() int {
	n := 0
	for _, h := range s.all {
		if h.Event == "died" {
			n++
		}
	}
	return n
}

// stop stops the container and reads on to its end.
func (s *story) stop(u user) {
	s.t.Helper()
	u.mini("stop", "--grace", "0s", s.name).wants(s.t, 0, "")
	s.state("exited")
}

// ends is stop. Each run that there was has then ended once.
func (s *story) ends(u user, runs func() int) {
	s.t.Helper()
	s.stop(u)
	if got, want := s.deaths(), runs(); got != want {
		s.t.Errorf("%s: the journal tells of the end of %d runs, there were %d: %s", s.name, got, want, s.words())
	}
}

// healthFile writes what --health-file reads.
func healthFile(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "health.json")
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

// serving are the flags that bring a server into the container, which answers at
// /healthz when a script says $serve.
func serving(t *testing.T) []string {
	t.Helper()
	tool, err := filepath.Abs(toolsPath)
	if err != nil {
		t.Fatal(err)
	}
	return []string{"--volume", tool + ":/tmp/userland:ro", "--env", "serve=/tmp/userland serve 127.0.0.1:8080"}
}

// web is what most of these tests have: a server, restarted always and soon, whose
// page is asked for. It has all the time that it wants, for an answer and for its end.
func web(t *testing.T) []string {
	return append(serving(t), "--restart", "always", "--restart-delay", "10ms", "--grace", "1h",
		"--health-probe", "http://127.0.0.1:8080/healthz", "--health-interval", "50ms",
		"--health-start-period", "1m", "--health-start-interval", "20ms")
}

// listening is the beginning of a probe that first waits until process 1 of the
// container has a handler for SIGTERM: a service that is found ill before that is
// killed, and has not counted its run, perhaps (proc_pid_status(5), bit 14 of SigCgt).
const listening = "until grep -q 'SigCgt.*[4-7c-f]...$' /proc/1/status; do sleep 0.01; done; "

// signalAll sends a signal to processes, from outside of the container.
func signalAll(t *testing.T, sig unix.Signal, pids ...int) {
	t.Helper()
	for _, pid := range pids {
		if err := unix.Kill(pid, sig); err != nil {
			t.Fatalf("%v to %d: %v", sig, pid, err)
		}
	}
}

// members are the processes in a container's cgroup and in those below it.
func members(t *testing.T, name string) (pids []int) {
	t.Helper()
	dir := "/sys/fs/cgroup/mini/" + name
	files, err := filepath.Glob(dir + "/*/cgroup.procs")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range append(files, dir+"/cgroup.procs") {
		text, _ := os.ReadFile(file) // a leaf that is gone has none
		for field := range strings.FieldsSeq(string(text)) {
			pid, err := strconv.Atoi(field)
			if err != nil {
				t.Fatal(err)
			}
			pids = append(pids, pid)
		}
	}
	return pids
}

// processes are those of a container whose command line begins so.
func processes(t *testing.T, name, command string) (pids []int) {
	t.Helper()
	for _, pid := range members(t, name) {
		if strings.HasPrefix(describe(pid), fmt.Sprintf("process %d %s", pid, command)) {
			pids = append(pids, pid)
		}
	}
	return pids
}

// waits are the times from the end of each run to the next start.
func (u user) waits(name string) (waits []time.Duration) {
	u.t.Helper()
	var since time.Time
	for line := range strings.Lines(u.mini("events", "--since", "0", name).stdout) {
		var h struct {
			Time  time.Time
			State string
		}
		if err := json.Unmarshal([]byte(line), &h); err != nil {
			u.t.Fatalf("%v: %q", err, line)
		}
		switch h.State {
		case "backoff":
			since = h.Time
		case "created":
			waits = append(waits, h.Time.Sub(since))
		}
	}
	return waits
}
