package runtime

import (
	"errors"
	"net"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"mini/runtime/control"
	"mini/runtime/state"
)

// adoptable is the directory of a container that can be adopted, and that owner has
// locked.
func adoptable(t *testing.T, owner string, r state.Record) *state.Dir {
	t.Helper()
	d, err := state.At(t.TempDir(), "web")
	if err == nil {
		err = errors.Join(d.Create(owner), d.KeepErrand([]byte("{}")), d.Save(r))
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Unlock)
	return d
}

// TestDialWaitsForSuccessor: a supervisor that has just taken over has the lock before
// it has the socket.
func TestDialWaitsForSuccessor(t *testing.T) {
	d := adoptable(t, self(), state.Record{Ready: true})
	answer := make(chan error)
	go func() {
		conn, err := dial(d, control.Request{Do: control.Wait})
		if err == nil {
			err = conn.Close()
		}
		answer <- err
	}()
	select {
	case err := <-answer:
		t.Fatalf("it did not wait: %v", err)
	case <-time.After(50 * time.Millisecond):
	}
	l, err := net.Listen("unix", d.Control())
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if err := <-answer; err != nil {
		t.Error(err)
	}
}

// TestDialEnded: one that has ended has no supervisor, and gets none.
func TestDialEnded(t *testing.T) {
	d := adoptable(t, self(), state.Record{Ready: true, Exit: &state.Exit{}})
	if _, err := dial(d, control.Request{}); !errors.Is(err, errNoSupervisor) {
		t.Errorf("got %v", err)
	}
}

// TestAdoptedAndEnded: who comes to adopt a container that was adopted, and has ended
// since, does not find it ended once more.
func TestAdoptedAndEnded(t *testing.T) {
	for _, ended := range []bool{false, true} {
		r := state.Record{Ready: true}
		if ended {
			r.Exit = &state.Exit{Status: 3}
		}
		d := adoptable(t, "1 1", r)
		d.Unlock()
		s := supervisor{config: Config{Root: d.Root(), ID: d.ID}}
		if err := s.inheritOrphan(); errors.Is(err, unix.EALREADY) != ended || err != nil != ended {
			t.Errorf("ended %v: got %v", ended, err)
		}
		s.dir.Unlock()
	}
}

// TestAdopterLeaves: who asks something of a container, and so has it adopted, may go
// before it is. That is no end for the container, as it is for one being started.
func TestAdopterLeaves(t *testing.T) {
	for _, adopts := range []bool{false, true} {
		ours, theirs := newPair(t)
		theirs.f.Close()
		s := &supervisor{}
		(&detached{supervisor: s, starter: ours, adopts: adopts}).begun()
		if ended := s.asked != 0; ended == adopts {
			t.Errorf("adopts %v: its end was asked for: %v", adopts, ended)
		}
	}
}
