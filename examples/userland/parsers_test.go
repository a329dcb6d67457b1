package main

import (
	"fmt"
	"testing"
	"time"
)

func TestParseOptions(t *testing.T) {
	known := []string{"a", "l", "n:", "after:", "all"}
	tests := []struct {
		args []string
		want string
	}{
		{nil, "map[] []"},
		{[]string{"-la", "x", "-a"}, "map[a: l:] [x -a]"},
		{[]string{"-n", "5", "x"}, "map[n:5] [x]"},
		{[]string{"-an5", "x"}, "map[a: n:5] [x]"},
		{[]string{"--after", "1s", "--all", "--", "-x"}, "map[after:1s all:] [-x]"},
		{[]string{"--after=", "-"}, "map[after:] [-]"},
		{[]string{"-n"}, "wrong arguments: -n needs a value"},
		{[]string{"--all=1"}, "wrong arguments: --all takes no value"},
		{[]string{"-x"}, "wrong arguments: -x is not known"},
		{[]string{"--nope"}, "wrong arguments: --nope is not known"},
	}
	for _, test := range tests {
		o, rest, err := parseOptions(test.args, known...)
		got := fmt.Sprint(map[string]string(o), " ", rest)
		if err != nil {
			got = err.Error()
		}
		if got != test.want {
			t.Errorf("%q: got %s, want %s", test.args, got, test.want)
		}
	}
}

func TestParseSize(t *testing.T) {
	for text, want := range map[string]uint64{"0": 0, "12": 12, "4k": 4096, "100M": 100 << 20, "2G": 2 << 30} {
		if got, err := parseSize(text); got != want || err != nil {
			t.Errorf("%s: got %d, %v, want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", "M", "-1", "1T", "1.5M", "9999999999G"} {
		if got, err := parseSize(text); err == nil {
			t.Errorf("%q: got %d, want an error", text, got)
		}
	}
}

func TestParseDuration(t *testing.T) {
	for text, want := range map[string]time.Duration{"5": 5 * time.Second, "0.25": 250 * time.Millisecond, "3ms": 3 * time.Millisecond, "1m": time.Minute} {
		if got, err := parseDuration(text); got != want || err != nil {
			t.Errorf("%s: got %v, %v, want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "-1", "x", "1e30", "-2s", "NaN"} {
		if got, err := parseDuration(text); err == nil {
			t.Errorf("%q: got %v, want an error", text, got)
		}
	}
}

func TestParseMount(t *testing.T) {
	got, err := parseMount(`36 35 98:0 /sub /a\040b rw,noatime master:1 - ext4 /dev/root rw,errors=continue`)
	want := mountEntry{"/dev/root[/sub]", "/a b", "ext4", "rw,noatime"}
	if err != nil || got != want {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
	if _, err := parseMount("36 35 98:0 / /"); err == nil {
		t.Error("a short line: no error")
	}
}

func TestCapSet(t *testing.T) {
	for hex, want := range map[string]string{
		"0000000000000000": "none", "0000000000000401": "chown net_bind_service", "000001ffffffffff": "all",
		"0000020000000000": "cap_41", "x": "unknown",
	} {
		if got := capSet(hex); got != want {
			t.Errorf("%s: got %s, want %s", hex, got, want)
		}
	}
}

func FuzzParsers(f *testing.F) {
	f.Add("36 35 98:0 / / rw - ext4 /dev/root rw", "-la")
	f.Add(`%5d\n%s%%`, "--after=1s")
	f.Fuzz(func(t *testing.T, a, b string) {
		_, _ = parseMount(a)
		_, _, _ = formatOnce(a, []string{b, "7"})
		_, _ = parseSize(a)
		_, _ = parseDuration(a)
		if o, rest, err := parseOptions([]string{b, a}, "l", "a", "after:"); err == nil && len(o) == 0 && len(rest) == 0 && b != "--" && a != "--" {
			t.Errorf("%q %q: nothing is left of them", b, a)
		}
	})
}
