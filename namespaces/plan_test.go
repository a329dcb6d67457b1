package namespaces

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"

	"mini/hack/golden"
)

var (
	root     = Facts{Privileged: true}
	nobody   = Facts{UID: 1000, GID: 100}
	ranges   = []specs.LinuxIDMapping{mapping(0, 100000, 1000), mapping(1000, 200000, 64536)}
	ownUID   = []specs.LinuxIDMapping{mapping(0, 1000, 1)}
	ownGID   = []specs.LinuxIDMapping{mapping(0, 100, 1)}
	shifts   = map[string]specs.LinuxTimeOffset{"boottime": {Secs: 10, Nanosecs: 5}, "monotonic": {Secs: -1}}
	allNames = "pid network mount ipc uts user cgroup time"
)

func TestPlanGolden(t *testing.T) {
	for _, tt := range []struct {
		name  string
		c     Config
		facts Facts
	}{
		{"empty", Config{}, root},
		{"plain", Config{Namespaces: list("pid network mount ipc uts cgroup"), Cgroup: true, Hostname: "web"}, root},
		{"default", Config{
			Namespaces: list("pid network mount ipc uts user cgroup"), UIDMappings: ranges, GIDMappings: ranges,
			Hostname: "it's", Domainname: "example.org", Cgroup: true,
			Sysctl: map[string]string{"net.ipv4.ip_forward": "1", "kernel/shmmax": "64000", "net.ipv4.conf.eth0/1.forwarding": "0"},
		}, root},
		{"rootless", Config{Namespaces: list("mount user"), UIDMappings: ownUID, GIDMappings: ownGID}, nobody},
		{"all", Config{Namespaces: list(allNames), UIDMappings: ranges, GIDMappings: ranges, TimeOffsets: shifts}, root},
		{"join", Config{Namespaces: list("network=/run/netns/blue pid=/proc/7/ns/pid")}, root},
		{"mixed", Config{
			Namespaces: list("mount pid network=/run/netns/a'b user time cgroup"), UIDMappings: ranges, GIDMappings: ranges,
			TimeOffsets: shifts, Cgroup: true,
		}, root},
		{"join-user", Config{Namespaces: list("user=/proc/7/ns/user network=/proc/7/ns/net mount"), Sysctl: map[string]string{"net.core.somaxconn": "7"}}, root},
	} {
		t.Run(tt.name, func(t *testing.T) {
			steps, err := Plan(tt.c, tt.facts, &Child{})
			if err != nil {
				t.Fatal(err)
			}
			golden.Compare(t, tt.name+".golden", dump("spawn", steps.Spawn)+dump("inside", steps.Inside))
		})
	}
}

func dump(title string, ops []Op) string {
	var b strings.Builder
	for _, op := range ops {
		fmt.Fprintf(&b, "%s %s\n\twhy   %s\n\tfield %s\n\tshell %s\n", title, op, op.Why(), op.Field(), op.Shell())
	}
	return b.String()
}

func TestPlanErrors(t *testing.T) {
	user := func(uid, gid []specs.LinuxIDMapping) Config {
		return Config{Namespaces: list("user"), UIDMappings: uid, GIDMappings: gid}
	}
	one := []specs.LinuxIDMapping{mapping(0, 0, 1)}
	var many []specs.LinuxIDMapping
	for i := range uint32(341) {
		many = append(many, mapping(i, i, 1))
	}
	long := []specs.LinuxIDMapping{}
	for i := range uint32(300) {
		long = append(long, mapping(i, 4000000000+i, 1))
	}
	sysctl := func(ns, key string) Config {
		return Config{Namespaces: list(ns), Sysctl: map[string]string{key: "1"}}
	}
	offset := func(ns, clock string, nanos uint32) Config {
		return Config{Namespaces: list(ns), TimeOffsets: map[string]specs.LinuxTimeOffset{clock: {Nanosecs: nanos}}}
	}
	for _, tt := range []struct {
		name string
		c    Config
		f    Facts
		want string // pointer: part of the text
	}{
		{"unknown type", Config{Namespaces: list("pid foo")}, root, `/linux/namespaces/1/type: no such namespace type "foo"`},
		{"duplicate", Config{Namespaces: list("pid uts pid=/x")}, root, "/linux/namespaces/2/type: pid is already in the list, at /linux/namespaces/0"},
		{"relative path", Config{Namespaces: list("pid=x")}, root, "/linux/namespaces/0/path: \"x\" is not an absolute path"},
		{"not in kernel", Config{Namespaces: list("time")}, Facts{Missing: []specs.LinuxNamespaceType{"time"}}, "/linux/namespaces/0/type: this kernel has no time namespaces"},
		{"maps without user", Config{UIDMappings: one}, root, "/linux/uidMappings: mappings need a user namespace: add"},
		{"maps of a joined user", Config{Namespaces: list("user=/x"), GIDMappings: one}, root, "/linux/gidMappings: the user namespace joined at /linux/namespaces/0/path has"},
		{"user without maps", user(nil, one), root, `/linux/uidMappings: a new user namespace needs at least {"containerID":0`},
		{"user without gid maps", user(one, nil), root, "/linux/gidMappings: a new user namespace needs"},
		{"size 0", user([]specs.LinuxIDMapping{mapping(0, 0, 1), mapping(1, 1, 0)}, one), root, "/linux/uidMappings/1/size: is 0"},
		{"too high inside", user([]specs.LinuxIDMapping{mapping(1, 0, 1<<32-1)}, one), root, "/linux/uidMappings/0/containerID: the range ends beyond 4294967294"},
		{"too high outside", user([]specs.LinuxIDMapping{mapping(0, 1<<32-1, 1)}, one), root, "/linux/uidMappings/0/hostID: the range ends beyond"},
		{"overlap inside", user([]specs.LinuxIDMapping{mapping(0, 0, 10), mapping(9, 100, 1)}, one), root, "/linux/uidMappings/1/containerID: the range overlaps that of /linux/uidMappings/0"},
		{"overlap outside", user(one, []specs.LinuxIDMapping{mapping(0, 5, 1), mapping(1, 0, 6)}), root, "/linux/gidMappings/1/hostID: the range overlaps"},
		{"too many lines", user(many, one), root, "/linux/uidMappings: 341 lines, and the kernel takes 340"},
		{"too long", user(long, one), root, "bytes of text, and the kernel takes 4095"},
		{"no root", user([]specs.LinuxIDMapping{mapping(1, 1, 1)}, one), root, "/linux/uidMappings: containerID 0 must be mapped"},
		{"unprivileged range", user([]specs.LinuxIDMapping{mapping(0, 1000, 2)}, ownGID), nobody, "/linux/uidMappings: without privileges only one id can be mapped, one's own: hostID 1000"},
		{"unprivileged other", user(ownUID, ownUID), nobody, "/linux/gidMappings: without privileges only one id can be mapped, one's own: hostID 100,"},
		{"unprivileged without user", Config{Namespaces: list("pid mount")}, nobody, "/linux/namespaces: without privileges a user namespace is needed"},
		{"offsets without time", offset("pid", "monotonic", 0), root, "/linux/timeOffsets: offsets need a time namespace"},
		{"offsets of a joined time", offset("time=/x", "monotonic", 0), root, "/linux/timeOffsets: the offsets of the time namespace joined at /linux/namespaces/0/path are frozen"},
		{"unknown clock", offset("time", "real/time", 0), root, "/linux/timeOffsets/real~1time: no such clock"},
		{"nanosecs", offset("time", "boottime", 1e9), root, "/linux/timeOffsets/boottime/nanosecs: 1000000000 is a second or more"},
		{"hostname of the host", Config{Hostname: "x"}, root, "/hostname: would rename the host"},
		{"long hostname", Config{Namespaces: list("uts"), Hostname: strings.Repeat("x", 65)}, root, "/hostname: 65 bytes long"},
		{"domainname of the host", Config{Domainname: "x"}, root, "/domainname: would rename the host"},
		{"zero byte", Config{Namespaces: list("uts"), Domainname: "a\x00"}, root, "/domainname: contains a zero byte"},
		{"sysctl net", sysctl("pid", "net.ipv4.ip_forward"), root, `/linux/sysctl/net.ipv4.ip_forward: would change the host: add {"type":"network"}`},
		{"sysctl ipc", sysctl("", "kernel/sem"), root, `/linux/sysctl/kernel~1sem: would change the host: add {"type":"ipc"}`},
		{"sysctl mqueue", sysctl("", "fs.mqueue.msg_max"), root, `add {"type":"ipc"}`},
		{"sysctl user", sysctl("", "user.max_net_namespaces"), root, `add {"type":"user"}`},
		{"sysctl domainname", sysctl("", "kernel.domainname"), root, `add {"type":"uts"}`},
		{"sysctl hostname", sysctl("uts", "kernel.hostname"), root, "/linux/sysctl/kernel.hostname: use /hostname"},
		{"sysctl of the machine", sysctl(allNames, "vm.swappiness"), root, "/linux/uidMappings: a new user"},
		{"sysctl of the machine alone", sysctl("ipc", "vm.swappiness"), root, "/linux/sysctl/vm.swappiness: would change the whole host"},
		{"sysctl up", sysctl("network", "net/../kernel/panic"), root, `/linux/sysctl/net~1..~1kernel~1panic: ".." is no part`},
		{"sysctl up by dots", sysctl("network", "net.//.kernel.panic"), root, `is no part of a path`},
		{"sysctl empty", sysctl("network", ""), root, `/linux/sysctl/: "" is no part`},
		{"sysctl twice", Config{Namespaces: list("network"), Sysctl: map[string]string{"net.a": "1", "net/a": "2"}}, root, "/linux/sysctl/net~1a: is the same setting as /linux/sysctl/net.a"},
		{"domainname twice", Config{Namespaces: list("uts"), Domainname: "x", Sysctl: map[string]string{"kernel.domainname": "y"}}, root, "/domainname sets it already"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Plan(tt.c, tt.f, &Child{})
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got error %v, want one with %q", err, tt.want)
			}
		})
	}
}

// TestPlanErrorsAll wants every wrong setting named, not just the first.
func TestPlanErrorsAll(t *testing.T) {
	_, err := Plan(Config{
		Namespaces: list("user pid"), Hostname: "x", TimeOffsets: shifts, Sysctl: map[string]string{"vm.a": "", "vm.b": ""},
	}, root, &Child{})
	for _, want := range []string{"/linux/uidMappings", "/linux/gidMappings", "/linux/timeOffsets", "/hostname", "/linux/sysctl/vm.a", "/linux/sysctl/vm.b"} {
		if err == nil || !strings.Contains(err.Error(), want+": ") {
			t.Errorf("got error %v, want %s in it", err, want)
		}
	}
}

func FuzzSysctlPath(f *testing.F) {
	for _, key := range []string{"net.ipv4.ip_forward", "net/ipv4/conf/eth0.1/x", "net.ipv4.conf.eth0/1.x", "..", "a..b", "/a", "net/../x", "."} {
		f.Add(key)
	}
	f.Fuzz(func(t *testing.T, key string) {
		path, err := sysctlPath(key)
		if err != nil {
			return
		}
		if again, err := sysctlPath(path); strings.Contains(path, "/") && !strings.Contains(firstPart(path), ".") && (err != nil || again != path) {
			t.Errorf("%q gives %q, and that %q, %v", key, path, again, err)
		}
		if filepath.Clean("/"+path) != "/"+path {
			t.Errorf("%q gives %q, which is not clean", key, path)
		}
	})
}

func firstPart(path string) string {
	first, _, _ := strings.Cut(path, "/")
	return first
}

// FuzzMapping wants no two lines of an accepted map to share an id.
func FuzzMapping(f *testing.F) {
	f.Add(uint32(0), uint32(0), uint32(1), uint32(1), uint32(1), uint32(1))
	f.Add(uint32(0), uint32(0), uint32(1<<31), uint32(1<<31), uint32(5), uint32(1<<31))
	f.Fuzz(func(t *testing.T, c1, h1, s1, c2, h2, s2 uint32) {
		lines := []specs.LinuxIDMapping{mapping(c1, h1, s1), mapping(c2, h2, s2)}
		if checkLines("/x", lines) != nil {
			return
		}
		for _, p := range [][4]uint64{{uint64(c1), uint64(s1), uint64(c2), uint64(s2)}, {uint64(h1), uint64(s1), uint64(h2), uint64(s2)}} {
			if p[0]+p[1] > 1<<32-1 || p[2]+p[3] > 1<<32-1 || p[1] == 0 || p[3] == 0 {
				t.Errorf("accepted %v: out of range", lines)
			}
			if !(p[0]+p[1] <= p[2] || p[2]+p[3] <= p[0]) {
				t.Errorf("accepted %v: overlap", lines)
			}
		}
	})
}
