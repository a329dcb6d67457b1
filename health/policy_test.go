package health

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

func TestParsePolicy(t *testing.T) {
	cases := []struct {
		in   string
		want Policy
		err  string
	}{
		{"no", Policy{}, ""},
		{"on-failure", Policy{Mode: OnFailure}, ""},
		{"on-failure:3", Policy{Mode: OnFailure, Max: 3}, ""},
		{"always", Policy{Mode: Always}, ""},
		{"unless-stopped", Policy{Mode: UnlessStopped}, ""},
		{"", Policy{}, `restart policy "": want no, on-failure[:N], always or unless-stopped`},
		{"No", Policy{}, `restart policy "No": want no, on-failure[:N], always or unless-stopped`},
		{"always:3", Policy{}, `restart policy "always:3": only on-failure takes a number`},
		{"no:", Policy{}, `restart policy "no:": only on-failure takes a number`},
		{"on-failure:", Policy{}, `restart policy "on-failure:": the number of restarts is a whole number from 1`},
		{"on-failure:0", Policy{}, `restart policy "on-failure:0": the number of restarts is a whole number from 1`},
		{"on-failure:-1", Policy{}, `restart policy "on-failure:-1": the number of restarts is a whole number from 1`},
		{"on-failure:99999999999", Policy{}, `restart policy "on-failure:99999999999": the number of restarts is a whole number from 1`},
	}
	for _, c := range cases {
		got, err := ParsePolicy(c.in)
		text := ""
		if err != nil {
			text = err.Error()
		}
		if got != c.want || text != c.err {
			t.Errorf("%q: got %+v, %q; want %+v, %q", c.in, got, text, c.want, c.err)
		}
	}
}

func FuzzParsePolicy(f *testing.F) {
	for _, s := range []string{"no", "on-failure:3", "on-failure:", "always", "unless-stopped", ":"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, err := ParsePolicy(s)
		if err != nil {
			if p != (Policy{}) {
				t.Errorf("%q: got %+v beside an error", s, p)
			}
			return
		}
		again, err := ParsePolicy(p.String())
		if err != nil || again != p {
			t.Errorf("%q: got %+v, then %+v, %v", s, p, again, err)
		}
		if p.Max < 0 || p.Max > 0 && !strings.HasPrefix(s, "on-failure:") {
			t.Errorf("%q: got %+v", s, p)
		}
	})
}

func TestDelay(t *testing.T) {
	b := Backoff{Base: 100 * time.Millisecond, Factor: 2, Cap: time.Minute}
	low := func() float64 { return 0 }
	for n, want := range []time.Duration{100 * time.Millisecond, 200 * time.Millisecond, 400 * time.Millisecond, 800 * time.Millisecond} {
		if got := b.Delay(n, low); got != want {
			t.Errorf("restart %d: got %v, want %v", n, got, want)
		}
	}
	for _, n := range []int{10, 100, 5000, math.MaxInt32} {
		if got := b.Delay(n, low); got != time.Minute {
			t.Errorf("restart %d: got %v, want a minute", n, got)
		}
	}
	if got := (Backoff{}).Delay(7, low); got != 0 {
		t.Errorf("zero value: got %v", got)
	}
	if got := (Backoff{Base: time.Second}).Delay(7, low); got != time.Second {
		t.Errorf("no factor: got %v", got)
	}
	if got := (Backoff{Base: time.Second, Factor: 10}).Delay(1000, low); got < time.Hour {
		t.Errorf("no cap: got %v", got)
	}
	b.Jitter = 0.5
	for n := range 20 {
		whole := Backoff{Base: b.Base, Factor: 2, Cap: b.Cap}.Delay(n, low)
		if got := b.Delay(n, rand.Float64); got > whole || got < whole/2 {
			t.Errorf("restart %d: got %v, want %v to %v", n, got, whole/2, whole)
		}
	}
}
