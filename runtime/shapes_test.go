package runtime

import (
	"bytes"
	"encoding/json"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/opencontainers/runtime-spec/specs-go"

	"mini/cgroups"
	"mini/hack/golden"
)

// TestShapes holds the JSON that engines read to golden files.
func TestShapes(t *testing.T) {
	stall := cgroups.Stall{Avg10: 1.5, Avg60: 2, Avg300: 3, Total: 4}
	full := cgroups.Stats{
		CPU: cgroups.CPUStats{Usage: 10, User: 7, System: 3, Periods: 5, Throttled: 2, ThrottledTime: 9},
		Memory: cgroups.MemoryStats{Current: 100, Limit: 1000, Peak: 200, SwapCurrent: 10, SwapLimit: 500,
			Stat: map[string]uint64{"file": 42, "anon": 58}},
		Pids:        cgroups.PidsStats{Current: 3, Limit: 20},
		IO:          []cgroups.IODevice{{Major: 8, ReadBytes: 4096, Reads: 1}},
		Hugetlb:     map[string]cgroups.HugetlbStats{"2MB": {Current: 1, Failures: 2}},
		CPUPressure: &cgroups.Pressure{Some: stall, Full: stall},
	}
	unlimited := cgroups.Stats{
		Memory: cgroups.MemoryStats{Limit: math.MaxUint64, SwapLimit: 5},
		Pids:   cgroups.PidsStats{Limit: math.MaxUint64},
	}
	for name, v := range map[string]any{
		"event-stats":     Event{Type: "stats", ID: "web", Data: usageOf(full)},
		"event-unlimited": Event{Type: "stats", ID: "web", Data: usageOf(unlimited)},
		"event-oom":       Event{Type: "oom", ID: "web"},
		"state-running": State{Version: "1.3.0", ID: "web", Pid: 7, Status: specs.StateRunning, Bundle: "/b", Rootfs: "/b/rootfs",
			Created: time.Unix(0, 5).UTC(), Annotations: map[string]string{"a": "b"}, Owner: "root"},
		"state-stopped": State{Version: "1.3.0", ID: "web", Status: specs.StateStopped, Bundle: "/b"},
	} {
		t.Run(name, func(t *testing.T) { goldenJSON(t, name, v) })
	}
}

func goldenJSON(t *testing.T, name string, v any) {
	t.Helper()
	var got bytes.Buffer
	e := json.NewEncoder(&got)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		t.Fatal(err)
	}
	golden.Compare(t, name+".json", got.String())
}

// TestFeatures: the lists are those of the code, so only their ends are looked
// at here.
func TestFeatures(t *testing.T) {
	f := Features()
	want := []string{"prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop"}
	if !slices.Equal(f.Hooks, want) {
		t.Errorf("got hooks %q, want %q", f.Hooks, want)
	}
	for what, list := range map[string][]string{
		"rbind": f.MountOptions, "time": f.Linux.Namespaces, "CAP_SYS_ADMIN": f.Linux.Capabilities,
		"SCMP_ACT_ERRNO": f.Linux.Seccomp.Actions, "SCMP_CMP_MASKED_EQ": f.Linux.Seccomp.Operators,
		"SCMP_ARCH_AARCH64": f.Linux.Seccomp.Archs, "SECCOMP_FILTER_FLAG_LOG": f.Linux.Seccomp.SupportedFlags,
		"MPOL_BIND": f.Linux.MemoryPolicy.Modes, "MPOL_F_STATIC_NODES": f.Linux.MemoryPolicy.Flags,
	} {
		if !slices.Contains(list, what) {
			t.Errorf("no %s in %q", what, list)
		}
	}
}

// TestHandover: a terminal must have exactly one end.
func TestHandover(t *testing.T) {
	for _, test := range []struct {
		name                         string
		terminal, detached, attached bool
		socket                       string
		want                         error
	}{
		{"plain", false, true, false, "", nil},
		{"detached with a socket", true, true, false, "/s", nil},
		{"detached without", true, true, false, "", ErrNoConsole},
		{"attached", true, false, true, "", nil},
		{"attached with a socket", true, false, true, "/s", errUnusedConsole},
		{"a socket for no terminal", false, true, false, "/s", errUnusedConsole},
	} {
		c := Config{Detached: test.detached, Attached: test.attached, Handover: Handover{ConsoleSocket: test.socket}}
		if err := c.check(&specs.Process{Terminal: test.terminal}); err != test.want {
			t.Errorf("%s: got %v, want %v", test.name, err, test.want)
		}
	}
}
