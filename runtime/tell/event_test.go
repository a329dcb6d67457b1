package tell

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"mini/hack/golden"
)

var noon = time.Date(2026, 1, 2, 12, 0, 0, 123456789, time.UTC)

func of[T any](v T) *T { return &v }

// TestLines has the keys: readers rely on them.
func TestLines(t *testing.T) {
	var b []byte
	for _, e := range []Event{
		{Kind: State, From: "starting", State: "healthy", Pid: 4711, Ready: of(true)},
		{Kind: Probed, State: "healthy", Pid: 4711, Ready: of(false), Probe: &Probe{
			Check: "web", Role: "liveness", Result: "failure", Output: "503 Service Unavailable\n", Row: 1, Seconds: 0.25}},
		{Kind: Died, State: "stopping", Restarts: 1, Status: of(137), Signal: "SIGKILL", Reason: "out of memory",
			Death: map[string]any{"oom": map[string]any{"limit": 32 << 20}}},
		{Kind: State, From: "stopping", State: "exited", Restarts: 1, Status: of(0)},
		{Kind: Warning, Reason: "<&> \u2028", Dropped: 3},
	} {
		e.Time, e.ID = noon, "web"
		b = append(b, e.line()...)
	}
	golden.Compare(t, "events.golden", string(b))
}

func TestFinal(t *testing.T) {
	for _, tt := range []struct {
		e    Event
		want bool
	}{
		{Event{Kind: State, State: "exited"}, true}, {Event{Kind: State, State: "failed"}, true}, {Event{Kind: Removed}, true},
		{Event{Kind: State, State: "backoff"}, false}, {Event{Kind: Died, State: "exited"}, false}, {Event{Kind: Lost}, false},
	} {
		if got := tt.e.Final(); got != tt.want {
			t.Errorf("%+v: %v", tt.e, got)
		}
	}
}

// TestLongLine: what does not fit goes without the account of the death, and says so.
func TestLongLine(t *testing.T) {
	long := strings.Repeat("ä\n", MaxLine)
	e := Event{Time: noon, ID: "web", Kind: Died, Status: of(1), Reason: long, Death: long, Probe: &Probe{Check: long, Output: long}}
	line := withDropped(e.line(), 1<<63)
	if len(line) > MaxLine {
		t.Errorf("%d bytes, more than %d", len(line), MaxLine)
	}
	var got Event
	if err := json.Unmarshal(line, &got); err != nil {
		t.Fatal(err)
	}
	if !got.Cut || got.Death != nil || *got.Status != 1 || got.Dropped != 1<<63 || !strings.HasPrefix(got.Reason, "ä\nä") {
		t.Errorf("got %.200s", line)
	}
	if e.Probe.Output != long {
		t.Error("the caller's event has been changed")
	}
}

// TestUnmarshalable: an account that is no JSON does not take the event with it.
func TestUnmarshalable(t *testing.T) {
	line := Event{ID: "web", Kind: Died, Death: func() {}}.line()
	var got Event
	if err := json.Unmarshal(line, &got); err != nil || !got.Cut || got.Kind != Died {
		t.Errorf("%s: %v", line, err)
	}
}

// FuzzLine: an event is one line of JSON of bounded length, whatever is in it.
func FuzzLine(f *testing.F) {
	f.Add("web", "healthy", "text\nmore", uint64(0), 1)
	f.Add("\x00\xff", "\"", strings.Repeat("\x01", 3000), uint64(7), 9)
	f.Fuzz(func(t *testing.T, id, state, text string, dropped uint64, times int) {
		text = strings.Repeat(text, 1+max(0, times)%20)
		e := Event{ID: id, Kind: Kind(state), State: state, Reason: text, Death: text, Signal: text, Probe: &Probe{Check: id, Output: text}}
		line := withDropped(e.line(), dropped)
		if len(line) > MaxLine || bytes.Count(line, []byte("\n")) != 1 || line[len(line)-1] != '\n' {
			t.Fatalf("%d bytes: %q", len(line), line)
		}
		var got Event
		if err := json.Unmarshal(line, &got); err != nil || got.Dropped != dropped {
			t.Fatalf("%q: %v", line, err)
		}
	})
}
