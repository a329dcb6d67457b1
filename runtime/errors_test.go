package runtime

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	"golang.org/x/sys/unix"
)

type execError struct{ error }

func (execError) ExitStatus() int { return 127 }
func (e execError) Unwrap() error { return e.error }

// fake is an op for tests.
type fake struct {
	note
	text string
	do   func() error
}

func (f fake) Do() error      { return f.do() }
func (f fake) String() string { return f.text }
func (f fake) Shell() string  { return "" }

func TestStepErrorCrosses(t *testing.T) {
	cause := execError{fmt.Errorf("openat2: %w", unix.ENOENT)}
	sent := stepError(Step{Last, fake{note: note{field: "/process/args"}, text: "execve /x"}}, cause)
	wire, err := json.Marshal(pack(sent))
	if err != nil {
		t.Fatal(err)
	}
	got := unpack(wire)
	if want := "execve /x: openat2: no such file or directory (ENOENT) [/process/args]"; got.Error() != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	var step *StepError
	if !errors.As(got, &step) || step.Status != 127 || step.Stage != "last" {
		t.Errorf("got %+v", step)
	}
	if !errors.Is(got, unix.ENOENT) {
		t.Error("the errno is lost")
	}
}

func TestPlainErrorCrosses(t *testing.T) {
	wire, err := json.Marshal(pack(errors.New("no config came")))
	if err != nil {
		t.Fatal(err)
	}
	if got := unpack(wire); got.Error() != "no config came" || errors.Is(got, unix.Errno(0)) {
		t.Errorf("got %v", got)
	}
}

func TestUnpackNonsense(t *testing.T) {
	if err := unpack([]byte("{")); err == nil {
		t.Error("no error")
	}
}

func TestExplain(t *testing.T) {
	for _, tt := range []struct {
		err  error
		want string
	}{
		{errors.New("plain"), "plain"},
		{fmt.Errorf("mount: %w", unix.EPERM), "mount: operation not permitted (EPERM)"},
		{fmt.Errorf("mount: EPERM: %w", unix.EPERM), "mount: EPERM: operation not permitted"},
	} {
		if got := Explain(tt.err); got != tt.want {
			t.Errorf("Explain = %q, want %q", got, tt.want)
		}
	}
}
