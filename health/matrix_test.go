package health

import (
	"strings"
	"testing"
)

// matrix says by hand what follows from every event in every state, so that it
// can be read in one view, and so that a golden file written anew cannot hide a
// mistake. A letter is the next state: Created, Starting, Healthy, Unhealthy (t:
// sTopping, b: Backoff, f: Failed, x: eXited). It is upper case if the state stays
// and something is to be done, and a dot if nothing is. Of several letters the
// first is with ReactNone and the last with ReactRestart.
//
// ok, fail and err are results of the check whose turn it is: startup, then live.
const matrix = `
                         started startfail ok  fail err exit0 exit1 stop restart over paused resumed extended suspended
created                  s       b         .   .    .   x     b     .    .       .    .      .       .        .
created, stop asked for  t       x         .   .    .   x     x     .    .       .    .      .       .        .
starting                 .       .         S   ut   S   x     b     t    t       .    S      .       .        S
starting, paused         .       .         .   .    .   x     b     t    t       .    .      S       .        .
starting, startup passed .       .         h   ut   S   x     b     t    t       .    S      .       .        S
healthy                  .       .         H   ut   H   x     b     t    t       .    H      .       .        H
healthy, ready           .       .         H   ut   H   x     b     t    t       .    H      .       .        H
healthy, ready, paused   .       .         .   .    .   x     b     t    t       .    .      H       .        .
unhealthy                .       .         h   U    U   x     b     t    t       .    U      .       .        U
unhealthy, paused        .       .         .   .    .   x     b     t    t       .    .      U       .        .
unhealthy, startup failed .      .         U   U    U   x     b     t    t       .    U      .       .        U
stopping, asked for      .       .         .   .    .   x     x     .    .       .    .      .       .        .
stopping, to restart     .       .         .   .    .   c     c     .    .       .    .      .       .        .
stopping, unhealthy      .       .         .   .    .   b     b     .    .       .    .      .       .        .
backoff                  .       .         .   .    .   .     .     x    c       c    .      .       .        .
failed                   .       .         .   .    .   .     .     .    .       .    .      .       .        .
exited                   .       .         .   .    .   .     .     .    .       .    .      .       .        .
`

var letters = [stateCount]string{StateCreated: "c", StateStarting: "s", StateHealthy: "h", StateUnhealthy: "u",
	StateStopping: "t", StateBackoff: "b", StateFailed: "f", StateExited: "x"}

// columns are the events, in the order of the matrix.
func columns(turn int) []Event {
	list := []Event{told(Started), told(StartFailed), result(turn, Success), result(turn, Failure), result(turn, Error), exit(0), exit(1)}
	for k := StopRequested; k < eventCount; k++ {
		list = append(list, told(k))
	}
	return list
}

func TestMatrix(t *testing.T) {
	rows := map[string][]string{}
	for line := range strings.Lines(matrix) {
		if words := strings.Fields(line); len(words) > 14 {
			cut := len(words) - 14
			rows[strings.Join(words[:cut], " ")] = words[cut:]
		}
	}
	for _, r := range []Reaction{ReactNone, ReactRestart} {
		for _, s := range situations(r) {
			want, ok := rows[s.name]
			if !ok {
				t.Fatalf("no row for %q", s.name)
			}
			turn := live
			if m, _ := lead(t, reference(r), s); m.running() && !m.gate {
				turn = startup
			}
			for i, e := range columns(turn) {
				before, after, actions := one(t, reference(r), s, e)
				w := want[i][:1]
				if r == ReactRestart {
					w = want[i][len(want[i])-1:]
				}
				if got := letter(before, after, actions); got != w {
					t.Errorf("%s, reaction %s, %s: got %s, want %s", s.name, r, eventText(e), got, w)
				}
			}
		}
	}
}

func letter(before, after Monitor, actions []Action) string {
	switch {
	case after.State != before.State:
		return letters[after.State]
	case len(actions) > 0:
		return strings.ToUpper(letters[after.State])
	}
	return "."
}
