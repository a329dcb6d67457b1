package tell

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// script runs sh for events and gives what is said.
func script(t *testing.T, text string, timeout time.Duration) (teller *Teller, dir string, said func() string) {
	t.Helper()
	dir = t.TempDir()
	lines := make(chan string, 100)
	teller, err := New(Config{
		ID: "web", Say: func(s string) { lines <- s },
		Settings: Settings{OnEvent: []string{"sh", "-c", text}, OnEventDir: dir, OnEventTimeout: timeout},
	})
	if err != nil {
		t.Fatal(err)
	}
	return teller, dir, func() (all string) {
		for {
			select {
			case s := <-lines:
				all += s + "\n"
			default:
				return all
			}
		}
	}
}

func read(t *testing.T, path ...string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(path...))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestCommand: one at a time, in order, with the event in both places.
func TestCommand(t *testing.T) {
	t.Setenv("MINI_STATE", "an outer one")
	teller, dir, said := script(t, `mkdir alone && cat >>all && echo "$MINI_EVENT $MINI_ID $MINI_STATE" >>env && rmdir alone`, time.Hour)
	var want string
	for i := range 10 {
		teller.Tell(Event{Kind: State, State: "s" + strconv.Itoa(i)})
		want += fmt.Sprintf("state web s%d\n", i)
	}
	teller.Close(time.Minute)
	if got := read(t, dir, "env"); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	for i, line := range strings.Split(strings.TrimSpace(read(t, dir, "all")), "\n") {
		var e Event
		if err := json.Unmarshal([]byte(line), &e); err != nil || e.State != "s"+strconv.Itoa(i) || e.ID != "web" || e.Time.IsZero() {
			t.Errorf("line %d is %s, %v", i, line, err)
		}
	}
	if s := said(); s != "" {
		t.Errorf("said %q", s)
	}
}

// TestCommandKilled: its time is over, and its children end with it; what comes
// next is told.
func TestCommandKilled(t *testing.T) {
	killedAfter(t, 300*time.Millisecond)
}

// killedAfter gives the commands more time if it was not enough for what they do
// before they hang, or end well.
func killedAfter(t *testing.T, timeout time.Duration) {
	t.Helper()
	teller, dir, said := script(t, `echo $MINI_STATE >>ran
		if [ $MINI_STATE = hang ]; then sleep 1000 & echo $! >child; sleep 1001; fi`, timeout)
	teller.Tell(Event{Kind: State, State: "hang"})
	teller.Tell(Event{Kind: State, State: "after"})
	teller.Close(5 * time.Minute)
	child, _ := os.ReadFile(filepath.Join(dir, "child"))
	if (len(child) == 0 || teller.Dropped() != 1) && timeout < time.Minute {
		killedAfter(t, 4*timeout)
		return
	}
	gone(t, string(child))
	if got := read(t, dir, "ran"); got != "hang\nafter\n" {
		t.Errorf("ran %q", got)
	}
	if s := said(); !strings.Contains(s, "it took too long") || !strings.Contains(s, "works again") || strings.Count(s, "\n") != 2 {
		t.Errorf("said %q", s)
	}
	if teller.Dropped() != 1 {
		t.Errorf("%d dropped", teller.Dropped())
	}
}

// TestCommandLeavesChildren: they do not outlive it, nor hold us up.
func TestCommandLeavesChildren(t *testing.T) {
	teller, dir, said := script(t, `sleep 1000 & echo $! >child`, time.Hour)
	teller.Tell(Event{Kind: State})
	teller.Close(time.Minute)
	gone(t, read(t, dir, "child"))
	if s := said(); s != "" {
		t.Errorf("said %q", s)
	}
}

// TestCommandAtTheEnd: Close does not wait longer than it was told to.
func TestCommandAtTheEnd(t *testing.T) {
	teller, _, said := script(t, `exec sleep 1000`, time.Hour)
	teller.Tell(Event{Kind: State})
	begun := time.Now()
	teller.Close(100 * time.Millisecond)
	if took := time.Since(begun); took > time.Minute {
		t.Errorf("it took %s", took)
	}
	if s := said(); !strings.Contains(s, "1 events did not get there") {
		t.Errorf("said %q", s)
	}
}

// TestCommandOutput: it is told if the command fails, once and not all of it.
func TestCommandOutput(t *testing.T) {
	teller, _, said := script(t, `echo oh no >&2; head -c 50000000 /dev/zero | tr '\0' x; exit 3`, time.Hour)
	for range 3 {
		teller.Tell(Event{Kind: State})
	}
	teller.Close(time.Minute)
	if s := said(); strings.Count(s, "\n") != 1 || !strings.Contains(s, "exit status 3: oh no xxx") || len(s) > 2*maxSaid {
		t.Errorf("said %.300q", s)
	}
	if teller.Dropped() != 0 {
		t.Errorf("%d dropped", teller.Dropped())
	}
}

// TestCommandMissing: the error says so.
func TestCommandMissing(t *testing.T) {
	var said []string
	teller, err := New(Config{ID: "web", Say: func(s string) { said = append(said, s) }, Settings: Settings{OnEvent: []string{"/no/such/program"}}})
	if err != nil {
		t.Fatal(err)
	}
	teller.Tell(Event{Kind: State})
	teller.Close(time.Minute)
	if s := strings.Join(said, "\n"); !strings.Contains(s, "no such file") || teller.Dropped() != 1 {
		t.Errorf("said %q, %d dropped", s, teller.Dropped())
	}
}

// gone waits until a process is no more, or a zombie of whoever adopted it.
func gone(t *testing.T, text string) {
	t.Helper()
	pid, err := strconv.Atoi(strings.TrimSpace(text))
	if err != nil {
		t.Fatal(err)
	}
	fd, err := unix.PidfdOpen(pid, 0)
	if errors.Is(err, unix.ESRCH) {
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	fds := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
	for {
		n, err := unix.Poll(fds, 60_000)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if n == 0 {
			t.Errorf("%d still runs", pid)
			_ = unix.Kill(pid, unix.SIGKILL)
		}
		return
	}
}
