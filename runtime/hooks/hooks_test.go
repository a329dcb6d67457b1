package hooks

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"
)

func state() ([]byte, error) { return []byte(`{"id":"web"}`), nil }

// run plans and does one hook.
func run(t *testing.T, h specs.Hook, dir string) error {
	t.Helper()
	ops, err := Plan("prestart", []specs.Hook{h}, dir, nil, state)
	if err != nil {
		t.Fatal(err)
	}
	return ops[0].Do()
}

func seconds(n int) *int { return &n }

// sh is a hook that runs a shell script.
func sh(script string) specs.Hook {
	return specs.Hook{Path: "/bin/sh", Args: []string{"sh", "-c", script}}
}

func TestHookSees(t *testing.T) {
	dir := t.TempDir()
	h := sh("{ cat; echo; echo $0 $A; pwd; } > out")
	h.Env = []string{"A=1"}
	if err := run(t, h, dir); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join(dir, "out"))
	if want := "{\"id\":\"web\"}\nsh 1\n" + dir + "\n"; err != nil || string(got) != want {
		t.Errorf("the hook saw %q, %v, want %q", got, err, want)
	}
}

// TestHookEnvironment: its own, which may be empty; without one what the plan
// says; without that ours.
func TestHookEnvironment(t *testing.T) {
	t.Setenv("WHOSE", "ours")
	for _, tt := range []struct {
		own, env []string
		want     string
	}{
		{nil, nil, "ours"},
		{nil, []string{"WHOSE=process"}, "process"},
		{[]string{"WHOSE=own"}, []string{"WHOSE=process"}, "own"},
		{[]string{}, []string{"WHOSE=process"}, ""},
	} {
		h := sh(`test "$WHOSE" = "` + tt.want + `"`)
		h.Env = tt.own
		ops, err := Plan("prestart", []specs.Hook{h}, "", tt.env, state)
		if err == nil {
			err = ops[0].Do()
		}
		if err != nil {
			t.Errorf("env %q of the hook, %q of the plan: want %q: %v", tt.own, tt.env, tt.want, err)
		}
	}
}

func TestHookFails(t *testing.T) {
	for _, tt := range []struct {
		name string
		hook specs.Hook
		want string
	}{
		{"status", sh("echo no such bridge >&2; exit 3"), "exit status 3: no such bridge"},
		{"long output", sh("yes | head -c 1000000; echo end; exit 1"), "end"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := run(t, tt.hook, "")
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
			if len(err.Error()) > 2*tailSize {
				t.Errorf("an error of %d bytes", len(err.Error()))
			}
		})
	}
}

// TestHookTimeout: what the hook has said before is told, where it gets that far.
func TestHookTimeout(t *testing.T) {
	slow := sh("echo before; exec sleep 1000")
	for n := 1; ; n *= 4 {
		slow.Timeout = seconds(n)
		err := run(t, slow, "")
		if want := fmt.Sprintf("killed after its timeout of %d s: before", n); err == nil || strings.Contains(err.Error(), want) || n > 60 {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("got %v, want %q", err, want)
			}
			return
		}
	}
}

func TestHookMissing(t *testing.T) {
	if err := run(t, specs.Hook{Path: "/none"}, ""); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, want ENOENT", err)
	}
}

func TestPlanRefuses(t *testing.T) {
	for _, tt := range []struct {
		hook specs.Hook
		want string
	}{
		{specs.Hook{Path: "bin/x"}, "/hooks/poststart/0/path"},
		{specs.Hook{}, "/hooks/poststart/0/path"},
		{specs.Hook{Path: "/x", Timeout: seconds(0)}, "/hooks/poststart/0/timeout"},
	} {
		_, err := Plan("poststart", []specs.Hook{tt.hook}, "", nil, state)
		var field *FieldError
		if !errors.As(err, &field) || field.Pointer() != tt.want {
			t.Errorf("Plan(%+v) = %v, want an error at %s", tt.hook, err, tt.want)
		}
	}
}

func TestPlanShows(t *testing.T) {
	ops, err := Plan("createRuntime", []specs.Hook{{Path: "/a"}, {Path: "/b"}}, "", nil, state)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := ops[1].String(), "run hook createRuntime /b"; got != want {
		t.Errorf("String = %q, want %q", got, want)
	}
	if got, want := ops[1].Field(), "/hooks/createRuntime/1"; got != want {
		t.Errorf("Field = %q, want %q", got, want)
	}
}
