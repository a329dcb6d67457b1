package cgroups

import (
	"math"
	"reflect"
	"testing"
)

func TestParsePairs(t *testing.T) {
	got, err := parsePairs("populated 1\nfrozen 0\nlimit max\n")
	if want := map[string]uint64{"populated": 1, "frozen": 0, "limit": math.MaxUint64}; err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, %v; want %v", got, err, want)
	}
	for _, bad := range []string{"a\n", "a b\n", " 1\n", "a -1\n"} {
		if got, err := parsePairs(bad); err == nil {
			t.Errorf("parsePairs(%q) = %v", bad, got)
		}
	}
}

func TestParseIO(t *testing.T) {
	got, err := parseIO("8:16 rbytes=1459200 wbytes=314773504 rios=192 wios=353 dbytes=7 dios=9 cost.usage=x\n254:0\n")
	want := []IODevice{{8, 16, 1459200, 314773504, 7, 192, 353, 9}, {Major: 254}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v; want %+v", got, err, want)
	}
	for _, bad := range []string{"8 rbytes=1", "8:0 rbytes", "8:0 rbytes=-1", "a:b"} {
		if got, err := parseIO(bad); err == nil {
			t.Errorf("parseIO(%q) = %v", bad, got)
		}
	}
}

func TestParsePressure(t *testing.T) {
	got, err := parsePressure("some avg10=1.50 avg60=0.20 avg300=0.00 total=77\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=5\n")
	want := &Pressure{Some: Stall{1.5, 0.2, 0, 77}, Full: Stall{Total: 5}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v; want %+v", got, err, want)
	}
}

func TestParseOwn(t *testing.T) {
	for _, c := range []struct {
		text, own string
		v1        map[string]int
	}{
		{"0::/user.slice/a:b\n", "/user.slice/a:b", nil},
		{"9:name=systemd:/\n4:memory:/x\n2:cpu,cpuacct:/\n0::/\n", "/", map[string]int{"memory": 4, "cpu": 2, "cpuacct": 2}},
		{"1:pids:/\n", "", map[string]int{"pids": 1}},
	} {
		own, v1, err := parseOwn(c.text)
		if err != nil || own != c.own || !reflect.DeepEqual(v1, c.v1) {
			t.Errorf("parseOwn(%q) = %q, %v, %v", c.text, own, v1, err)
		}
	}
	if _, _, err := parseOwn("x::/\n"); err == nil {
		t.Error("a line without a number was accepted")
	}
}

func TestParseMount(t *testing.T) {
	const text = "31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw\n41 31 0:38 / /mnt/a\\040b rw,relatime shared:4 - cgroup2 cgroup2 rw\n"
	if got := parseMount(text); got != "/mnt/a b" {
		t.Errorf("got %q", got)
	}
	if got := parseMount("31 23 0:28 / / rw - tmpfs cgroup2 rw\n"); got != "" {
		t.Errorf("got %q", got)
	}
}

// FuzzParse feeds all parsers of the kernel's files: no panic, whatever it is.
func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"populated 1\n", "8:0 rbytes=1\n", "some avg10=0.00 avg60=0.00 avg300=0.00 total=0\n",
		"0::/\n1:cpu:/\n", "41 31 0:38 / /mnt/a\\040b rw - cgroup2 x rw\n", "1\n2\n", "max\n", "\\", "1 2 3 4 \\777 - cgroup2 ",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		_, _ = parsePairs(s)
		_, _ = parseIO(s)
		_, _ = parsePressure(s)
		_, _, _ = parseOwn(s)
		_ = parseMount(s)
		_, _ = number(s)
		if bad := badRange(s); bad == "" && s == "" {
			t.Error("the empty list has no element")
		}
		pids, _ := parsePids(s)
		for _, pid := range pids {
			if pid < 0 {
				t.Errorf("pid %d", pid)
			}
		}
	})
}

func FuzzCleanPath(f *testing.F) {
	for _, s := range []string{"/mini/abc", "a/b", "/../x", "a:b:c", "//", "./."} {
		f.Add(s, "/")
		f.Add(s, "/user.slice/x")
	}
	f.Fuzz(func(t *testing.T, p, base string) {
		if base != "/" {
			base = "/user.slice"
		}
		got, err := cleanPath(p, base)
		if err != nil {
			return
		}
		if got == "/" || got[0] != '/' || (p[0] != '/' && !below(base, got)) {
			t.Errorf("cleanPath(%q, %q) = %q", p, base, got)
		}
	})
}

func TestBetween(t *testing.T) {
	for _, c := range []struct {
		base, at string
		want     []string
	}{
		{"/", "/a", []string{"/"}},
		{"/", "/a/b/c", []string{"/", "/a", "/a/b"}},
		{"/u/v", "/u/v/w/x", []string{"/u/v", "/u/v/w"}},
		{"/u", "/v", nil},
		{"/u", "/uv", nil},
		{"", "/a", nil},
	} {
		if got := between(c.base, c.at); !reflect.DeepEqual(got, c.want) {
			t.Errorf("between(%q, %q) = %q, want %q", c.base, c.at, got, c.want)
		}
	}
}

func TestQuote(t *testing.T) {
	for in, want := range map[string]string{
		"memory.max": "memory.max", "": "''", "a b": "'a b'", "it's": `'it'\''s'`, "$(x)": "'$(x)'", "é": "'é'",
	} {
		if got := quote(in); got != want {
			t.Errorf("quote(%q) = %s, want %s", in, got, want)
		}
	}
	if got := redirect("-n", "f"); got != `printf '%s\n' -n > f` {
		t.Error(got)
	}
}

func TestParseQuota(t *testing.T) {
	for text, want := range map[string]float64{"max 100000\n": 0, "50000 100000\n": 0.5, "150000 50000": 3} {
		if got, err := parseQuota(text); err != nil || got != want {
			t.Errorf("%q: got %v, %v, want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "1", "1 0", "x 1", "1 x", "-1 1"} {
		if got, err := parseQuota(text); err == nil {
			t.Errorf("%q: got %v and no error", text, got)
		}
	}
}
