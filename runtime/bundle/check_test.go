package bundle

import (
	"strings"
	"testing"

	specs "github.com/opencontainers/runtime-spec/specs-go"
)

// findings is Check of a document, a line each: verdict, pointer.
func findings(t *testing.T, raw string) string {
	t.Helper()
	spec, err := Decode([]byte(raw))
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, f := range Check(spec) {
		lines = append(lines, string(f.Verdict)+" "+f.Field)
	}
	return strings.Join(lines, "\n")
}

// sound is the least that no rule objects to, with more sections in front.
func sound(sections string) string {
	return `{` + sections + `"ociVersion": "1.0.0", "root": {"path": "r"}, "process": {"args": ["a"], "cwd": "/"}}`
}

func TestCheckFields(t *testing.T) {
	tests := map[string]struct{ raw, want string }{
		"nothing":   {sound(``), ""},
		"intelRdt":  {sound(`"linux": {"intelRdt": {"closID": "a", "schemata": ["b"]}},`), "refused /linux/intelRdt"},
		"empty rdt": {sound(`"linux": {"intelRdt": {"closID": "", "schemata": []}},`), ""},
		"docker's zeros": {sound(`"linux": {"resources": {"memory": {"kernel": 0, "kernelTCP": 0, "swappiness": 0, "disableOOMKiller": false},
			"cpu": {"realtimeRuntime": 0, "realtimePeriod": 0}, "blockIO": {"leafWeight": 0}, "network": {"classID": 0, "priorities": []}}},`), ""},
		"no limit in v1": {sound(`"linux": {"resources": {"memory": {"kernel": -1, "kernelTCP": -1}, "cpu": {"realtimeRuntime": -1}}},`), ""},
		"unsigned -1":    {sound(`"linux": {"resources": {"memory": {"swappiness": 18446744073709551615}}},`), ""},
		"v1 only": {sound(`"linux": {"resources": {"memory": {"kernel": 1, "swappiness": 60}, "network": {"classID": 1, "priorities": [{"name": "eth0", "priority": 1}]}}},`),
			"refused /linux/resources/memory/kernel\nrefused /linux/resources/memory/swappiness\n" +
				"refused /linux/resources/network/classID\nrefused /linux/resources/network/priorities"},
		"with index": {sound(`"linux": {"resources": {"blockIO": {"weightDevice": [{"major": 8, "weight": 5}, {"major": 8, "leafWeight": 5}]}}},`),
			"refused /linux/resources/blockIO/weightDevice/1/leafWeight"},
		"in a map":  {sound(`"linux": {"resources": {"rdma": {"b/1": {"hcaHandles": 1}}}},`), ""},
		"map":       {sound(`"linux": {"netDevices": {"b/1": {"name": "x"}, "a": {}}},`), ""},
		"platforms": {sound(`"windows": {"layerFolders": ["x"]}, "vm": {"kernel": {"path": "/k"}}, "solaris": {},`), "warned /windows\nrefused /vm"},
		"labels":    {`{"root": {"path": "r"}, "process": {"args": ["a"], "cwd": "/", "apparmorProfile": "p", "selinuxLabel": "l"}, "linux": {"mountLabel": "m"}}`, ""},
		"affinity":  {`{"root": {"path": "r"}, "process": {"args": ["a"], "cwd": "/", "execCPUAffinity": {"initial": "0"}}}`, ""},
		"seccomp":   {sound(`"linux": {"seccomp": {"defaultAction": "SCMP_ACT_ALLOW", "listenerPath": "/s", "listenerMetadata": "m"}},`), ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := findings(t, tt.raw); got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
}

// Each row that is not applied must be reached by Check.
func TestCheckFindsEveryRow(t *testing.T) {
	spec := full()
	spec.Process.Cwd = "/"
	found := map[string]bool{}
	for _, f := range Check(spec) {
		if found[f.Field] {
			t.Errorf("%s: found twice", f.Field)
		}
		found[f.Field] = true
	}
	for _, f := range Fields() {
		pointer := strings.ReplaceAll(f.Pointer, "*", "0")
		inside := false // of something found
		for at := pointer; at != ""; at = at[:strings.LastIndexByte(at, '/')] {
			inside = inside || at != pointer && found[at]
		}
		if want := f.Verdict != Applied && !inside; found[pointer] != want {
			t.Errorf("%s: found %v in a configuration that has everything, want %v", pointer, found[pointer], want)
		}
	}
	if fs := Check(new(specs.Spec)); len(fs) != 2 {
		t.Errorf("got %v for an empty configuration, want root and process missing", fs)
	}
}

func TestCheckRules(t *testing.T) {
	tests := map[string]struct{ raw, want string }{
		"empty":         {`{}`, "refused /root\nrefused /process"},
		"empty parts":   {`{"root": {}, "process": {}, "mounts": [{"destination": "/a"}, {}]}`, "refused /root/path\nrefused /process/args\nrefused /process/cwd\nrefused /mounts/1/destination"},
		"relative cwd":  {`{"root": {"path": "r"}, "process": {"args": ["a"], "cwd": "home"}}`, "refused /process/cwd"},
		"empty program": {`{"root": {"path": "r"}, "process": {"args": ["", "x"], "cwd": "/"}}`, "refused /process/args/0"},
		"umask":         {`{"root": {"path": "r"}, "process": {"args": ["a"], "cwd": "/", "user": {"umask": 512}}}`, "refused /process/user/umask"},
		"no user":       {`{"root": {"path": "r"}, "process": {"args": ["a"], "cwd": "/", "user": {"uid": 4294967295, "gid": 4294967295}}}`, "refused /process/user/uid\nrefused /process/user/gid"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := findings(t, tt.raw); got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
}

func TestFindingReads(t *testing.T) {
	spec := Default(Options{})
	spec.Linux.IntelRdt = &specs.LinuxIntelRdt{ClosID: "a"}
	fs := Check(spec)
	if len(fs) != 1 {
		t.Fatalf("got %v", fs)
	}
	const want = "/linux/intelRdt: mini does not manage resctrl; "
	if got := fs[0].Err().Error(); !strings.HasPrefix(got, want) || got != fs[0].String() {
		t.Errorf("got %q, want %q…", got, want)
	}
}
