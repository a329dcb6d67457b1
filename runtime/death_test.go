package runtime

import (
	"encoding/json"
	"reflect"
	"slices"
	"testing"
	"time"

	"mini/cgroups"
)

func TestDeath(t *testing.T) {
	base := Death{ID: "web", Lived: Seconds(1234 * time.Millisecond), CPU: DeathCPU{Used: Seconds(56 * time.Millisecond)}}
	killed := func(d *Death) { d.Status, d.Signal = 137, "SIGKILL" }
	for _, tt := range []struct {
		name   string
		change func(*Death)
		status int
		want   string
	}{
		{"exit", func(d *Death) { d.Status = 3 }, 3,
			"web: exited with status 3; after 1.2s, 56ms of CPU"},
		{"signal", killed, 137,
			"web: killed by SIGKILL; after 1.2s, 56ms of CPU"},
		{"own limit", func(d *Death) {
			killed(d)
			d.OOM = &OOM{Kills: 1, Limit: string(cgroups.OwnLimit)}
			d.Memory = DeathMemory{Limit: 32 << 20, Peak: 32 << 20}
		}, 137, "web: killed by SIGKILL; out of memory, its own limit memory.max = 32 MiB [/linux/resources/memory/limit]; after 1.2s, 56ms of CPU, memory peak 32 MiB"},
		{"ancestor", func(d *Death) {
			killed(d)
			d.OOM = &OOM{Kills: 1, Limit: string(cgroups.OuterLimit), Path: "/sys/fs/cgroup/ci"}
		}, 137, "web: killed by SIGKILL; out of memory, the limit of a cgroup above it: /sys/fs/cgroup/ci; after 1.2s, 56ms of CPU"},
		{"host", func(d *Death) {
			killed(d)
			d.OOM = &OOM{Kills: 1, Limit: string(cgroups.HostLimit)}
		}, 137, "web: killed by SIGKILL; out of memory: the whole machine was, no limit of the container; after 1.2s, 56ms of CPU"},
		{"pids", func(d *Death) { d.Pids.Refused = 7 }, 0,
			"web: exited with status 0; pids.max refused 7 forks [/linux/resources/pids/limit]; after 1.2s, 56ms of CPU"},
		{"one pid", func(d *Death) { d.Pids.Refused = 1 }, 0,
			"web: exited with status 0; pids.max refused 1 fork [/linux/resources/pids/limit]; after 1.2s, 56ms of CPU"},
		{"timeout", func(d *Death) { killed(d); d.By = "--timeout 1s" }, 137,
			"web: killed by SIGKILL (--timeout 1s); after 1.2s, 56ms of CPU"},
		{"throttled", func(d *Death) { d.CPU.Throttled = Seconds(2 * time.Second) }, 0,
			"web: exited with status 0; after 1.2s, 56ms of CPU (held back for 2s by cpu.max)"},
		{"unknown", func(d *Death) { d.Status = Unknown }, -1,
			"web: ended, nobody knows with which status; after 1.2s, 56ms of CPU"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := base
			tt.change(&d)
			if got := d.String(); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			if got := d.ExitStatus(); got != tt.status {
				t.Errorf("status %d, want %d", got, tt.status)
			}
		})
	}
}

func TestDetails(t *testing.T) {
	end := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	second := Seconds(time.Second)
	d := Death{
		Ended: end, Lived: 10 * second,
		Pids:     DeathPids{Refused: 3, Peak: 20, Limit: 20},
		CPU:      DeathCPU{Throttled: second},
		Pressure: DeathPressure{CPU: &Waited{5 * second, 0}, Memory: &Waited{2 * second, second}, IO: &Waited{second / 2, 0}},
		Probes: []ProbeResult{
			{Check: "web", Kind: "failure", Output: "503\nno more", At: end.Add(-1500 * time.Millisecond)},
			{Check: "db", Kind: "success"},
		},
	}
	want := []string{
		"waited for memory for 2s, with all its tasks for 1s",
		"had 20 processes and threads at most, of 20",
		"web: failure 1.5s before: 503",
	}
	if got := d.Details(); !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// TestDeathJSON holds the form that others read, and that it can be read back.
func TestDeathJSON(t *testing.T) {
	d := Death{
		ID: "web", Started: time.Unix(1, 0).UTC(), Ended: time.Unix(3, 5e8).UTC(), Lived: Seconds(2500 * time.Millisecond),
		Status: 137, Signal: "SIGKILL", By: "unhealthy", OOM: &OOM{1, "own", "/sys/fs/cgroup/mini/web"},
		Memory: DeathMemory{Peak: 5, Limit: 5}, Pids: DeathPids{1, 2, 2},
		CPU:      DeathCPU{Used: Seconds(time.Second), Throttled: Seconds(time.Millisecond), Throttles: 4},
		Pressure: DeathPressure{Memory: &Waited{Seconds(time.Second), 0}},
		Probes:   []ProbeResult{{Check: "web", Kind: "failure", Output: "no", At: time.Unix(2, 0).UTC(), Took: Seconds(time.Millisecond)}},
		Log:      []LogLine{{time.Unix(2, 0).UTC(), "stderr", "oops"}},
	}
	want := `{"id":"web","started":"1970-01-01T00:00:01Z","ended":"1970-01-01T00:00:03.5Z","seconds":2.5,"status":137,"signal":"SIGKILL","by":"unhealthy",` +
		`"oom":{"kills":1,"limit":"own","path":"/sys/fs/cgroup/mini/web"},"memory":{"peak":5,"limit":5},"pids":{"refused":1,"peak":2,"limit":2},` +
		`"cpu":{"used":1,"throttled":0.001,"throttles":4},"pressure":{"memory":{"some":1,"full":0}},` +
		`"probes":[{"check":"web","kind":"failure","output":"no","at":"1970-01-01T00:00:02Z","seconds":0.001}],` +
		`"log":[{"at":"1970-01-01T00:00:02Z","stream":"stderr","text":"oops"}]}`
	text, err := json.Marshal(d)
	if err != nil || string(text) != want {
		t.Errorf("got  %s, %v\nwant %s", text, err, want)
	}
	var again Death
	if err := json.Unmarshal(text, &again); err != nil || !reflect.DeepEqual(again, d) {
		t.Errorf("came back as %+v, %v", again, err)
	}
}

func TestSize(t *testing.T) {
	for bytes, want := range map[uint64]string{
		0: "0 bytes", 1023: "1023 bytes", 1024: "1 KiB", 32 << 20: "32 MiB", 3 << 29: "1.5 GiB",
	} {
		if got := size(bytes); got != want {
			t.Errorf("size(%d) = %q, want %q", bytes, got, want)
		}
	}
}
