package namespaces

import (
	"slices"
	"strings"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"
)

func TestParseGrant(t *testing.T) {
	text := "# a comment\nann:100000:65536\n1000:300000:10\n\nbob:1:1\nann:x:5\nann:5:0\nann:4294967290:10\nann:7\n:9:9\nann:200000:1\n"
	for _, tt := range []struct {
		name string
		uid  uint32
		want []Range
	}{
		{"ann", 1000, []Range{{100000, 65536}, {300000, 10}, {200000, 1}}},
		{"bob", 1001, []Range{{1, 1}}},
		{"", 1000, []Range{{300000, 10}}},
		{"", 9, nil},
		{"nobody", 65534, nil},
	} {
		if got := parseGrant(text, tt.name, tt.uid); !slices.Equal(got, tt.want) {
			t.Errorf("%s, %d: got %v, want %v", tt.name, tt.uid, got, tt.want)
		}
	}
}

func FuzzParseGrant(f *testing.F) {
	f.Add("ann:100000:65536\n1000:4294967294:1\n")
	f.Fuzz(func(t *testing.T, text string) {
		for _, r := range parseGrant(text, "ann", 1000) {
			if r.Count == 0 || uint64(r.First)+uint64(r.Count)-1 > maxID {
				t.Errorf("range %v", r)
			}
		}
	})
}

func TestParseName(t *testing.T) {
	text := "root:x:0:0:root:/root:/bin/sh\nshort:x\nann:x:1000:1000::/home/ann:/bin/sh\n"
	for uid, want := range map[uint32]string{0: "root", 1000: "ann", 7: ""} {
		if got := parseName(text, uid); got != want {
			t.Errorf("%d: got %q, want %q", uid, got, want)
		}
	}
}

func TestGrantPermits(t *testing.T) {
	g := Grant{Helper: "/usr/bin/newuidmap", Ranges: []Range{{100000, 1000}, {5000, 10}, {101000, 1000}}}
	for _, tt := range []struct {
		name  string
		lines []specs.LinuxIDMapping
		want  bool
	}{
		{"own and granted", []specs.LinuxIDMapping{mapping(0, 1000, 1), mapping(1, 100000, 1000)}, true},
		{"granted alone", []specs.LinuxIDMapping{mapping(0, 100000, 10)}, true},
		{"over two ranges side by side", []specs.LinuxIDMapping{mapping(0, 100500, 1000)}, true},
		{"one too many", []specs.LinuxIDMapping{mapping(0, 101000, 1001)}, false},
		{"one too low", []specs.LinuxIDMapping{mapping(0, 99999, 2)}, false},
		{"two of one's own", []specs.LinuxIDMapping{mapping(0, 1000, 2)}, false},
		{"another's", []specs.LinuxIDMapping{mapping(0, 1001, 1)}, false},
	} {
		if got := g.permits(tt.lines, 1000); got != tt.want {
			t.Errorf("%s: got %v", tt.name, got)
		}
	}
}

// TestPlanGranted: the helper where it is needed, and only there.
func TestPlanGranted(t *testing.T) {
	f := nobody
	f.UIDs = Grant{Helper: "/usr/bin/newuidmap", Ranges: []Range{{100000, 65536}}}
	f.GIDs = Grant{Helper: "/usr/bin/newgidmap", Ranges: []Range{{200000, 65536}}}
	uids := append(slices.Clone(ownUID), mapping(1, 100000, 65535))
	gids := append(slices.Clone(ownGID), mapping(1, 200000, 65535))
	for _, tt := range []struct {
		name string
		c    Config
		want string
	}{
		{"both", Config{UIDMappings: uids, GIDMappings: gids}, "newuidmap init: 0 1000 1, 1 100000 65535; newgidmap init: 0 100 1, 1 200000 65535"},
		{"neither", Config{UIDMappings: ownUID, GIDMappings: ownGID}, "write uid_map: 0 1000 1; write setgroups: deny; write gid_map: 0 100 1"},
		{"users only", Config{UIDMappings: uids, GIDMappings: ownGID}, "newuidmap init: 0 1000 1, 1 100000 65535; write setgroups: deny; write gid_map: 0 100 1"},
	} {
		tt.c.Namespaces = list("user")
		steps, err := Plan(tt.c, f, &Child{})
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		var got []string
		for _, op := range steps.Spawn[1 : len(steps.Spawn)-1] {
			got = append(got, op.String())
		}
		if s := strings.Join(got, "; "); s != tt.want {
			t.Errorf("%s: got %s", tt.name, s)
		}
	}
	_, err := Plan(Config{Namespaces: list("user"), UIDMappings: ranges, GIDMappings: gids}, f, &Child{})
	if want := "/linux/uidMappings: without privileges one can map one's own id, 1000, and those granted: 100000 to 165535"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got error %v, want %q", err, want)
	}
}
