package main

import (
	"strings"
	"testing"
	"time"
)

func TestParse(t *testing.T) {
	list, err := parse([]string{"a=/bin/a", "b=/c=d"})
	if err != nil || len(list) != 2 || list[1] != (runtime{"b", "/c=d"}) {
		t.Errorf("got %v, %v", list, err)
	}
	for _, bad := range []string{"a", "=x", "a="} {
		if _, err := parse([]string{bad}); err == nil {
			t.Errorf("%q: no error", bad)
		}
	}
}

func TestMedian(t *testing.T) {
	wall := func(s sample) float64 { return milliseconds(s.Wall) }
	for want, times := range map[float64][]int{0: {}, 2: {3, 1, 2}, 2.5: {4, 1, 3, 2}} {
		var r result
		for _, ms := range times {
			r.Samples = append(r.Samples, sample{Wall: time.Duration(ms) * time.Millisecond})
		}
		if got := r.median(wall); got != want {
			t.Errorf("%v: got %v, want %v", times, got, want)
		}
	}
}

func TestTotal(t *testing.T) {
	for want, table := range map[int]string{
		42: "% time seconds usecs/call calls errors syscall\n99.00 0.1 3 40 1 read\n100.00    0.101      3     42       1 total\n",
		7:  "100.00    0.001      3     7   total\n",
	} {
		if got, err := total(table); err != nil || got != want {
			t.Errorf("got %d, %v, want %d", got, err, want)
		}
	}
	if _, err := total("strace: nothing\n"); err == nil {
		t.Error("no error for no table")
	}
}

func TestPrint(t *testing.T) {
	var b strings.Builder
	one := sample{Wall: 10 * time.Millisecond, CPU: time.Millisecond, Faults: 5, Memory: 100}
	two := sample{Wall: 40 * time.Millisecond, CPU: 4 * time.Millisecond, Faults: 10, Memory: 100}
	print(&b, []result{{"a", []sample{one}, 10, 1024}, {"b", []sample{two}, 40, 2048}})
	for _, want := range []string{"a/b", "0.25", "0.50", "10.0"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, b.String())
		}
	}
}
