package runtime

import (
	"strings"
	"testing"

	"mini/health"
)

// played runs a state machine through events and gives what people are told.
func played(t *testing.T, h Heartbeat, events ...health.Event) (said []string) {
	t.Helper()
	c, err := h.health()
	if err != nil {
		t.Fatal(err)
	}
	s := &supervisor{config: Config{ID: "web"}, Heartbeat: h, checks: c.Checks}
	s.Say = func(text string) { said = append(said, text) }
	m := health.New(c)
	results := make([][]health.Result, len(c.Checks))
	for _, e := range events {
		from, ready := m.State, m.Ready()
		m, _ = m.Step(e, func() float64 { return 0.5 })
		if e.Kind == health.ProbeDone {
			e.Result.Check = e.Check
			results[e.Check] = append(results[e.Check], e.Result)
		}
		s.report(health.Snapshot{Monitor: m, Event: e, From: from, WasReady: ready, Results: results})
	}
	return said
}

func done(check int, k health.Kind, output string) health.Event {
	return health.Event{Kind: health.ProbeDone, Check: check, Result: health.Result{Kind: k, Output: output}}
}

// TestNews: people are told what changed, why, and by which check, but not what
// stays as it is.
func TestNews(t *testing.T) {
	one := Heartbeat{Checks: spec(t, `{"onFailure": "none", "checks": [{"name": "web", "exec": {"args": ["x"]}, "failures": 2}]}`)}
	two := Heartbeat{Checks: spec(t, `{"onFailure": "restart", "checks": [{"name": "web", "exec": {"args": ["x"]}, "failures": 1},
		{"name": "db", "role": "readiness", "exec": {"args": ["x"]}, "failures": 1}]}`)}
	start := health.Event{Kind: health.Started}
	exit := health.Event{Kind: health.Exited, Exit: health.Exit{Status: 3}}
	for name, test := range map[string]struct {
		h      Heartbeat
		events []health.Event
		want   string
	}{
		"healthy once": {one, []health.Event{start, done(0, health.Success, ""), done(0, health.Success, "")}, "web: healthy"},
		"a row of two": {one, []health.Event{start, done(0, health.Success, ""), done(0, health.Failure, "no"), done(0, health.Failure, "no!\n")},
			"web: healthy|web: unhealthy after 2 failed probes: no!"},
		"cannot run, said once": {one, []health.Event{start, done(0, health.Error, "ENOENT"), done(0, health.Error, "ENOENT")},
			"web: the probe web could not run: ENOENT"},
		"which of two": {two, []health.Event{start, done(0, health.Success, ""), done(1, health.Success, ""), done(1, health.Failure, "gone")},
			"web: healthy|web: ready|web: not ready after a failed probe of db: gone"},
		"paused": {one, []health.Event{start, done(0, health.Success, ""), {Kind: health.Paused}, {Kind: health.Resumed}},
			"web: healthy|web: paused|web: resumed"},
		"gives up": {Heartbeat{Restart: Restarts{Policy: "on-failure:1"}}, []health.Event{start, exit, {Kind: health.BackoffOver}, start, exit},
			"web: backoff, restart 1 follows|web: failed: restarted as often as it may be; started 2 times; restarted once; last exit status 3"},
		"nobody asked": {Heartbeat{}, []health.Event{start, exit}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			if got := strings.Join(played(t, test.h, test.events...), "|"); got != test.want {
				t.Errorf("said  %q\nwant  %q", got, test.want)
			}
		})
	}
}
