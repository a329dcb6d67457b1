package health

import (
	"fmt"
	"strconv"
	"testing"
)

func TestParseSet(t *testing.T) {
	const want = "exit status or signal %s: want a number from 0 to 255, or a name such as SIGHUP"
	cases := []struct{ in, out, err string }{
		{"", "", ""},
		{"  ", "", ""},
		{"1,3,SIGHUP", "1,3,SIGHUP", ""},
		{"HUP, 3 ,1,3,sighup", "1,3,SIGHUP", ""},
		{"0,255,KILL,SIGSYS", "0,255,SIGKILL,SIGSYS", ""},
		{"RTMIN,SIGRTMIN+1,RTMAX-29,RTMAX", "SIGRTMIN+0,SIGRTMIN+1,SIGRTMIN+30", ""},
		{"1,", "", `""`},
		{",", "", `""`},
		{"256", "", `"256"`},
		{"-1", "", `"-1"`},
		{"1-3", "", `"1-3"`},
		{"SIGSIGHUP", "", `"SIGSIGHUP"`},
		{"SIG", "", `"SIG"`},
		{"RTMIN+31", "", `"RTMIN+31"`},
		{"RTMIN-1", "", `"RTMIN-1"`},
		{"RTMAX+1", "", `"RTMAX+1"`},
		{"RTMIN1", "", `"RTMIN1"`},
		{"RTMIN+", "", `"RTMIN+"`},
		{"1;2", "", `"1;2"`},
	}
	for _, c := range cases {
		got, err := ParseSet(c.in)
		text, expect := "", ""
		if err != nil {
			text = err.Error()
		}
		if c.err != "" {
			expect = fmt.Sprintf(want, c.err)
		}
		if got.String() != c.out || text != expect {
			t.Errorf("%q: got %q, %q; want %q, %q", c.in, got, text, c.out, expect)
		}
	}
}

// TestSetHas: what is in the set, and nothing else, each status and signal for
// itself.
func TestSetHas(t *testing.T) {
	for n := range 256 {
		s := set(t, strconv.Itoa(n))
		for other := -2; other < 300; other++ {
			if s.Has(Exit{Status: other}) != (other == n) || s.Has(Exit{Signal: other}) && other != 0 {
				t.Fatalf("{%d}: wrong about %d", n, other)
			}
		}
	}
	for n := 1; n <= rtmax; n++ {
		if n == 32 || n == 33 {
			continue // the C library's own have no names
		}
		s := set(t, signalName(n))
		for other := -2; other < 300; other++ {
			if s.Has(Exit{Signal: other}) != (other == n) || s.Has(Exit{Status: other}) {
				t.Fatalf("{%s}: wrong about %d", s, other)
			}
		}
	}
}

func FuzzParseSet(f *testing.F) {
	for _, s := range []string{"1,3,SIGHUP", "rtmin+1,RTMAX-0,rtmax", " 255 , 0", "sigsig", ","} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		set, err := ParseSet(s)
		if err != nil {
			if set != (Set{}) {
				t.Errorf("%q: got %v beside an error", s, set)
			}
			return
		}
		if again, err := ParseSet(set.String()); err != nil || again != set {
			t.Errorf("%q: got %v, then %v, %v", s, set, again, err)
		}
	})
}
