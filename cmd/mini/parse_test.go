package main

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestParseSignal(t *testing.T) {
	for _, tt := range []struct {
		in   string
		want unix.Signal
		ok   bool
	}{
		{"TERM", unix.SIGTERM, true}, {"SIGTERM", unix.SIGTERM, true}, {"sigkill", unix.SIGKILL, true},
		{"9", unix.SIGKILL, true}, {"64", 64, true},
		{"0", 0, true}, {"65", 0, false}, {"-1", 0, false}, {"", 0, false}, {"NOPE", 0, false}, {"SIG", 0, false},
	} {
		got, err := parseSignal(tt.in)
		if got != tt.want || (err == nil) != tt.ok {
			t.Errorf("parseSignal(%q) = %d, %v, want %d, ok = %v", tt.in, got, err, tt.want, tt.ok)
		}
	}
}

func FuzzParseSignal(f *testing.F) {
	for _, s := range []string{"TERM", "9", "SIGRTMIN+1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if sig, err := parseSignal(s); err == nil && (sig < 0 || sig > 64) {
			t.Errorf("parseSignal(%q) = %d", s, sig)
		}
	})
}

func TestParseOverlay(t *testing.T) {
	for _, tt := range []struct {
		in    string
		upper string
		size  uint64
		ok    bool
	}{
		{"tmpfs", "", 0, true}, {"tmpfs:64m", "", 64 << 20, true}, {"/var/kept", "/var/kept", 0, true},
		{"/a/../b", "/b", 0, true}, {"tmpfs:", "", 0, false}, {"tmpfs:x", "", 0, false}, {"tmpfs:-1", "", 0, false},
	} {
		got, err := parseOverlay(tt.in)
		if (err == nil) != tt.ok {
			t.Errorf("parseOverlay(%q): %v, want ok = %v", tt.in, err, tt.ok)
		}
		if tt.ok && (got.Upper != tt.upper || got.Size != tt.size) {
			t.Errorf("parseOverlay(%q) = %+v", tt.in, got)
		}
	}
}

func TestMadeUpNames(t *testing.T) {
	if a, b := madeUpName(), madeUpName(); a == b || len(a) != 10 {
		t.Errorf("names %q and %q", a, b)
	}
}

// FuzzFlags: values of flags are refused, or mean what can be done.
func FuzzFlags(f *testing.F) {
	for _, s := range []string{"tmpfs:64m", "/var/kept", "db:healthy:30s", "db:exit", "10m", "-9223372036854775808ns", "2026-01-02T15:04:05Z"} {
		f.Add(s)
	}
	now := time.Unix(1e9, 0)
	f.Fuzz(func(t *testing.T, s string) {
		if o, err := parseOverlay(s); err == nil && o.Upper != "" && (o.Size != 0 || !filepath.IsAbs(o.Upper)) {
			t.Errorf("parseOverlay(%q) = %+v", s, o)
		}
		if a, err := parseWaitFor(s); err == nil && (a.id == "" || a.timeout < 0 || !strings.HasPrefix(s, a.id+":")) {
			t.Errorf("parseWaitFor(%q) = %+v", s, a)
		}
		if at, err := parseSince(s, now); err == nil && at.IsZero() && !strings.HasPrefix(s, "0001-01-01T") {
			t.Errorf("parseSince(%q) = %s", s, at)
		}
	})
}
