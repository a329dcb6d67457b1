package runtime

import (
	"strings"
	"testing"

	"mini/cgroups"
)

// TestDoctorOfCgroups: who has no controllers is told what works, and what to do.
func TestDoctorOfCgroups(t *testing.T) {
	for _, test := range []struct {
		facts        cgroups.Facts
		verdict, has string
		lines        int
	}{
		{cgroups.Facts{Mode: cgroups.Unified, Mountpoint: "/cg", Base: "/", Controllers: []string{"cpu"}}, ok, "unified at /cg", 7},
		{cgroups.Facts{Mode: cgroups.Hybrid, Mountpoint: "/cg/unified", Base: "/"}, limited, "pause, works by cgroup v2 at /cg/unified", 1},
		{cgroups.Facts{Mode: cgroups.Hybrid}, limited, "nothing can be paused", 1},
		{cgroups.Facts{Mode: cgroups.Legacy}, limited, "a limit (--memory, --cpus, --pids-limit) is an error", 1},
	} {
		got := controllers(test.facts)
		if len(got) != test.lines || got[0].Verdict != test.verdict || !strings.Contains(got[0].Text, test.has) || (got[0].Fix == "") != (test.verdict == ok) {
			t.Errorf("%+v: got %+v", test.facts, got)
		}
	}
}
