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
	h.add(Last)
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
