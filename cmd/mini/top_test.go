package main

import (
	"slices"
	"strings"
	"testing"
	"time"

	"mini/runtime"
)

// sights is two looks at five containers, a second apart.
func sights() (before, now []runtime.Sight) {
	at := time.Unix(100, 0)
	second := runtime.Seconds(time.Second)
	look := func(at time.Time, cpu runtime.Seconds) []runtime.Sight {
		return []runtime.Sight{
			{ID: "busy", State: "healthy", Watched: true, Ready: true, Restarts: 2, Pid: 10, At: at, Usage: &runtime.Usages{
				CPU: cpu, Throttled: cpu / 2, CPULimit: 0.5, Memory: 5 << 20, MemoryLimit: 32 << 20, Pids: 3, PidsLimit: 20,
				Pressure: &runtime.Pressures{CPU: 12.4, Memory: 1.6},
			}},
			{ID: "big", State: "healthy", Watched: true, Pid: 11, At: at, Usage: &runtime.Usages{Memory: 5 << 30, Pids: 300}},
			{ID: "ice", State: "unhealthy", Watched: true, Paused: true, Pid: 12, At: at},
			{ID: "gone", State: "stopped", At: at},
			{ID: "flaky", State: "backoff", Watched: true, Restarts: 7, At: at},
		}
	}
	return look(at, second), look(at.Add(time.Second), second+second/4)
}

func rows(before, now []runtime.Sight) (list []row) {
	for i := range now {
		list = append(list, newRow(before[i], now[i]))
	}
	return list
}

func TestColumns(t *testing.T) {
	list := rows(sights())
	byCPU.sort(list)
	want := []string{
		"ID     STATE      RESTARTS     CPU%  THR%    MEMORY  PIDS    WAIT  PID",
		"busy   healthy           2  25.0/50    12  5.0M/32M  3/20  12 2 0   10",
		"big    not ready         0      0.0     0      5.0G   300       -   11",
		"flaky  backoff           7        -     -         -     -       -    -",
		"gone   stopped           -        -     -         -     -       -    -",
		"ice    paused            0        -     -         -     -       -   12",
	}
	got := columns(list)
	for i := range got {
		got[i] = strings.TrimRight(got[i], " ")
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestOrder(t *testing.T) {
	for o, want := range map[order]string{
		byCPU: "busy big flaky gone ice", byMemory: "big busy flaky gone ice", byPids: "big busy flaky gone ice",
		byRestarts: "flaky busy big gone ice", byName: "big busy flaky gone ice",
	} {
		list := rows(sights())
		o.sort(list)
		var ids []string
		for _, r := range list {
			ids = append(ids, r.ID)
		}
		if got := strings.Join(ids, " "); got != want || !o.known() {
			t.Errorf("by %s: %s, want %s", o, got, want)
		}
		if k := o.key('x'); k != o || byName.key(o[0]) != o {
			t.Errorf("the keys of %s: %s, %s", o, k, byName.key(o[0]))
		}
	}
}

// TestNewRun: what a run has used is not compared with the run before.
func TestNewRun(t *testing.T) {
	before, now := sights()
	now[0].Pid = 99
	if r := newRow(before[0], now[0]); r.measured {
		t.Errorf("got %+v", r)
	}
	if r := newRow(runtime.Sight{}, now[0]); r.measured {
		t.Errorf("at the first look: %+v", r)
	}
}

func TestFit(t *testing.T) {
	lines := []string{"one", "two…x", "three", "four"}
	for _, tt := range []struct {
		rows, columns int
		want          string
	}{
		{0, 0, "one|two…x|three|four"}, {4, 80, "one|two…x|three|four"}, {3, 4, "one|two…|… 2 "}, {1, 80, "… 4 more"},
	} {
		if got := strings.Join(fit(slices.Clone(lines), tt.rows, tt.columns), "|"); got != tt.want {
			t.Errorf("%d x %d: got %q, want %q", tt.rows, tt.columns, got, tt.want)
		}
	}
}

func TestSummary(t *testing.T) {
	got := summary(rows(sights()), byCPU, time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC))
	if want := "03:04:05  5 containers, 1 backoff, 1 healthy, 1 not ready, 1 paused, 1 stopped; by cpu (c m p r n), q quits"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestShort(t *testing.T) {
	for bytes, want := range map[uint64]string{0: "0B", 999: "999B", 1000: "1.0K", 10 << 10: "10K", 1<<20 - 1: "1.0M", 5 << 30: "5.0G", 1 << 50: "1024T"} {
		if got := short(bytes); got != want {
			t.Errorf("%d: got %s, want %s", bytes, got, want)
		}
	}
}
