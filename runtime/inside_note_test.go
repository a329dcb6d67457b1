package runtime

import (
	"slices"
	"strings"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"

	"mini/namespaces"
	"mini/namespaces/calls"
	"mini/runtime/process"
)

// TestFailedWithoutFacts: who starts what another process has created knows the
// configuration and the note, but has asked nothing of the host.
func TestFailedWithoutFacts(t *testing.T) {
	spec := &specs.Spec{Process: &specs.Process{Args: []string{"/cart"}, Cwd: "/", ApparmorProfile: "fair"}}
	creates := &Plan{config: Config{Spec: spec}, facts: Facts{Process: process.Facts{AppArmor: true}}, child: &namespaces.Child{}}
	if err := creates.process(); err != nil {
		t.Fatal(err)
	}
	h := &byHand{c: &Container{Plan: creates}, list: calls.New()}
	h.add(h.list, Last)
	_, names := h.list.Left()
	for _, tt := range []struct {
		call   string
		errno  unix.Errno
		status int
		want   string
	}{
		{"label write", unix.ENOENT, 125, "exec fair: write: no such file or directory (the profile is not loaded"},
		{"execve /cart", unix.ENOEXEC, 126, "exec format error"},
		{"execve /cart", unix.ENOENT, 127, "no such file or directory"},
		{"another", unix.ENOENT, 125, errBadNote.Error()},
	} {
		starts := &Container{Plan: &Plan{config: Config{Spec: spec}}}
		err := starts.failed(calls.Answer{Call: slices.Index(names, tt.call), Errno: tt.errno, Note: h.note()}, nil)
		if err == nil || Status(err) != tt.status || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s, %v: got %d, %v; want %d, %s", tt.call, tt.errno, Status(err), err, tt.status, tt.want)
		}
	}
}

// TestNote: a step that is many calls, with whatever for arguments, is in a note once.
func TestNote(t *testing.T) {
	args := []string{"/cart", "two\n\nlines", "a" + noteSeparator + "b", strings.Repeat("long", 10000)}
	spec := &specs.Spec{Process: &specs.Process{Args: args, Cwd: "/", Env: []string{"PATH=" + strings.Repeat("/no:", 100)}}}
	p := &Plan{config: Config{Spec: spec}, child: &namespaces.Child{}}
	if err := p.process(); err != nil {
		t.Fatal(err)
	}
	h := &byHand{c: &Container{Plan: p}, list: calls.New()}
	h.add(h.list, Last)
	note := h.note()
	if most := 2 * len(args[3]); len(note) > most {
		t.Errorf("%d bytes, want %d at most", len(note), most)
	}
	steps, names := h.list.Left()
	for i, n := range steps {
		s := p.Steps[n]
		step, call, err := readNote(note, i)
		want := []string{s.Stage.String(), s.String(), s.Field()}
		if err != nil || call != names[i] || !slices.Equal(step, want) {
			t.Fatalf("call %d: got %q of %q, %v; want %q of %q", i, call, step, err, names[i], want)
		}
	}
	for _, i := range []int{-1, len(steps), 1 << 40} {
		if _, _, err := readNote(note, i); err != errBadNote {
			t.Errorf("call %d: %v, want %v", i, err, errBadNote)
		}
	}
}
