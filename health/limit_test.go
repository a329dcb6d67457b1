package health

import (
	"math"
	"testing"
	"time"
)

func TestParseStartLimit(t *testing.T) {
	for _, c := range []struct {
		in   string
		want StartLimit
		ok   bool
	}{
		{"5/10s", StartLimit{5, 10 * time.Second}, true},
		{"none", StartLimit{}, true},
		{"1/1h30m", StartLimit{1, 90 * time.Minute}, true},
		{"", StartLimit{}, false},
		{"5", StartLimit{}, false},
		{"5/", StartLimit{}, false},
		{"/10s", StartLimit{}, false},
		{"0/10s", StartLimit{}, false},
		{"-1/10s", StartLimit{}, false},
		{"99999/10s", StartLimit{}, false},
		{"5/0s", StartLimit{}, false},
		{"5/-1s", StartLimit{}, false},
		{"5/10", StartLimit{}, false},
		{"5/1s/1s", StartLimit{}, false},
	} {
		got, err := ParseStartLimit(c.in)
		if got != c.want || (err == nil) != c.ok {
			t.Errorf("%q: got %+v, %v", c.in, got, err)
		}
		if again, err := ParseStartLimit(got.String()); again != got || err != nil {
			t.Errorf("%q: got %s, then %s, %v", c.in, got, again, err)
		}
	}
}

func FuzzParseStartLimit(f *testing.F) {
	f.Add("5/10s")
	f.Add("none")
	f.Fuzz(func(t *testing.T, s string) {
		l, err := ParseStartLimit(s)
		if again, err2 := ParseStartLimit(l.String()); again != l || err2 != nil || l.Validate() != nil {
			t.Errorf("%q: got %+v, %v, then %+v, %v", s, l, err, again, err2)
		}
	})
}

func TestValidate(t *testing.T) {
	const s = time.Second
	for _, c := range []struct {
		c    Config
		want string
	}{
		{Config{}, ""},
		{reference(ReactRestart), ""},
		{Config{Checks: []Check{{Name: "a", Interval: s}, {Name: "b"}}}, `check "b": the interval must be more than 0`},
		{Config{Checks: []Check{{Role: Startup}}}, ""},
		{Config{Checks: []Check{{Push: true}}}, ""},
		{Config{Checks: []Check{{Role: Readiness}}}, `check "": the interval must be more than 0`},
		{Config{Checks: []Check{{Interval: -s}}}, `check "": a time is less than 0`},
		{Config{Checks: []Check{{Interval: s, Grace: -s}}}, `check "": a time is less than 0`},
		{Config{Checks: []Check{{Interval: s, Delay: -s}}}, `check "": a time is less than 0`},
		{Config{Checks: []Check{{Interval: s, Timeout: -s}}}, `check "": a time is less than 0`},
		{Config{Checks: []Check{{Interval: s, Quiet: true}}}, `check "": only a push check can be quiet`},
		{Config{Checks: []Check{{Push: true, Quiet: true}}}, `check "": a quiet check needs an interval, after which it passes again`},
		{Config{Checks: []Check{{Push: true, Quiet: true, Interval: s, Role: Startup}}}, `check "": a startup check must be told of its success: it cannot be quiet`},
		{Config{StartLimit: StartLimit{Starts: 5}}, "the start limit needs a number of starts and a time, both more than 0"},
		{Config{StartLimit: StartLimit{-5, s}}, "the start limit needs a number of starts and a time, both more than 0"},
		{Config{Backoff: Backoff{Base: -s}}, "the delay of a restart must be 0 or more"},
		{Config{Backoff: Backoff{Cap: -s}}, "the delay of a restart must be 0 or more"},
		{Config{Backoff: Backoff{Factor: 0.5}}, "the factor of the delays of restarts must be a number from 1"},
		{Config{Backoff: Backoff{Factor: math.NaN()}}, "the factor of the delays of restarts must be a number from 1"},
		{Config{Backoff: Backoff{Factor: math.Inf(1)}}, "the factor of the delays of restarts must be a number from 1"},
		{Config{Backoff: Backoff{Jitter: 1.1}}, "the jitter of the delays of restarts must be from 0 to 1"},
		{Config{Backoff: Backoff{Jitter: math.NaN()}}, "the jitter of the delays of restarts must be from 0 to 1"},
		{Config{Backoff: Backoff{Base: 2 * s, Cap: s}}, "the longest delay of a restart must not be shorter than the first"},
		{Config{Backoff: Backoff{Base: s, Factor: 1, Cap: s, Jitter: 1}}, ""},
	} {
		got := ""
		if err := c.c.Validate(); err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%+v: got %q, want %q", c.c, got, c.want)
		}
	}
}

func TestParseNames(t *testing.T) {
	for r := ReactNone; r <= ReactRestart; r++ {
		if got, err := ParseReaction(r.String()); got != r || err != nil {
			t.Errorf("%s: got %s, %v", r, got, err)
		}
	}
	for r := Liveness; r <= Readiness; r++ {
		if got, err := ParseRole(r.String()); got != r || err != nil {
			t.Errorf("%s: got %s, %v", r, got, err)
		}
	}
	if _, err := ParseReaction("Restart"); err == nil || err.Error() != `reaction "Restart": want none, kill, stop, restart` {
		t.Errorf("got %v", err)
	}
	if _, err := ParseRole(""); err == nil || err.Error() != `role "": want liveness, startup, readiness` {
		t.Errorf("got %v", err)
	}
}

func TestExit(t *testing.T) {
	for _, c := range []struct {
		e      Exit
		code   int
		failed bool
	}{{Exit{}, 0, false}, {Exit{Status: 3}, 3, true}, {Exit{Signal: 15}, 143, true}} {
		if c.e.Code() != c.code || c.e.Failed() != c.failed {
			t.Errorf("%+v: got %d, %v", c.e, c.e.Code(), c.e.Failed())
		}
	}
}
