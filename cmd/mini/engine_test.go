package main

import (
	"bytes"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/opencontainers/runtime-spec/specs-go"
)

func TestOfProcesses(t *testing.T) {
	table := "UID  PID PPID CMD\nroot 1 0 init\nroot 12 1 sleep 12\nroot 121 1 12\n\n"
	got, err := ofProcesses(table, []int{12, 7})
	if want := "UID  PID PPID CMD\nroot 12 1 sleep 12\n"; got != want || err != nil {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
	if _, err := ofProcesses("CMD\ninit\n", []int{1}); err == nil {
		t.Error("no error for a table without PID")
	}
}

// TestLogEntries: the forms that engines parse.
func TestLogEntries(t *testing.T) {
	for _, test := range []struct {
		json bool
		want string
	}{
		{true, `{"level":"error","msg":"no \"way\"","time":"1970-01-01T00:00:05Z"}` + "\n"},
		{false, `time="1970-01-01T00:00:05Z" level=error msg="no \"way\""` + "\n"},
	} {
		var stderr, log bytes.Buffer
		v := &voice{stderr: &stderr, file: &log, json: test.json, now: func() time.Time { return time.Unix(5, 0) }}
		v.fail(errors.New(`no "way"`))
		if log.String() != test.want || stderr.String() != "mini: no \"way\"\n" {
			t.Errorf("got %q and on stderr %q, want %q", log.String(), stderr.String(), test.want)
		}
		stderr.Reset()
		v.warn("hm")
		if stderr.Len() > 0 {
			t.Errorf("a warning went to stderr, which may be the container's: %q", stderr.String())
		}
	}
}

func TestWithCaps(t *testing.T) {
	first := &specs.LinuxCapabilities{Bounding: []string{"CAP_KILL"}, Inheritable: []string{"CAP_KILL"}}
	got := withCaps(first, []string{"CAP_CHOWN"})
	if !slices.Equal(got.Bounding, []string{"CAP_KILL", "CAP_CHOWN"}) || !slices.Equal(got.Effective, []string{"CAP_CHOWN"}) ||
		!slices.Equal(got.Inheritable, []string{"CAP_KILL"}) || len(got.Ambient) > 0 {
		t.Errorf("got %+v", got)
	}
	if len(first.Bounding) != 1 {
		t.Error("the first process's own set was changed")
	}
	if withCaps(nil, nil) != nil {
		t.Error("sets were made of none")
	}
}

func TestSubgroup(t *testing.T) {
	for in, want := range map[string]string{"": "", "/a/b": "/a/b", ":/a": "/a"} {
		if got, err := subgroup(in); got != want || err != nil {
			t.Errorf("%q: got %q, %v, want %q", in, got, err, want)
		}
	}
	if _, err := subgroup("cpu,memory:/a"); err == nil {
		t.Error("no error for controllers")
	}
}

func TestLimitFlags(t *testing.T) {
	for _, f := range limitFlags() {
		r := specs.LinuxResources{Memory: &specs.LinuxMemory{}, CPU: &specs.LinuxCPU{}}
		if err := f.set(&r, "1"); err != nil && f.name != "l3-cache-schema" && f.name != "mem-bw-schema" {
			t.Errorf("--%s 1: %v", f.name, err)
		}
		if err := f.set(&r, "x"); err == nil && f.name != "cpuset-cpus" && f.name != "cpuset-mems" {
			t.Errorf("--%s x: no error", f.name)
		}
	}
}
