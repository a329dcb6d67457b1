package main

import (
	"strings"
	"testing"
	"time"
)

func TestParse(t *testing.T) {
	list, err := parse([]string{"a=/bin/a", "b=/c=d", "c=/lib/ld.so --library-path /l /bin/c"})
	if err != nil || len(list) != 3 || list[1].words[0] != "/c=d" || len(list[2].words) != 4 {
		t.Errorf("got %v, %v", list, err)
	}
	list[2].root = "/r"
	if got := strings.Join(list[2].run("/b", "id").Args, " "); got != "/lib/ld.so --library-path /l /bin/c --root /r run -b /b id" {
		t.Errorf("got %s", got)
	}
	for _, bad := range []string{"a", "=x", "a="} {
		if _, err := parse([]string{bad}); err == nil {
			t.Errorf("%q: no error", bad)
		}
	}
}

func TestMedian(t *testing.T) {
	for want, times := range map[float64][]int{0: {}, 2: {3, 1, 2}, 2.5: {4, 1, 3, 2}} {
		var samples []sample
		for _, ms := range times {
			samples = append(samples, sample{Wall: time.Duration(ms) * time.Millisecond})
		}
		if got := median(samples, wall); got != want {
			t.Errorf("%v: got %v, want %v", times, got, want)
		}
	}
}

func TestPrivateOf(t *testing.T) {
	const rollup = "55d0-7ffe ---p 00000000 00:00 0 [rollup]\nRss:  99 kB\nShared_Clean: 7 kB\nPrivate_Clean:   4 kB\nPrivate_Dirty: 30 kB\nAnonymous: 30 kB\n"
	if got := privateOf(rollup); got != 30 {
		t.Errorf("got %v, want 30", got)
	}
}

// TestTurns: every trial comes equally often, behind each other one, and the first turn
// does not count.
func TestTurns(t *testing.T) {
	results, order := []result{newResult("a"), newResult("b"), newResult("c")}, ""
	trialOf := func(name string) trial {
		return trial{"run", func(int) (map[string]sample, error) {
			order += name
			return map[string]sample{"run": {}}, nil
		}}
	}
	if err := turns(results, []trial{trialOf("a"), trialOf("b"), trialOf("c")}, 5); err != nil || order != "abccbabcaacbcabbac" {
		t.Errorf("got order %s, %v", order, err)
	}
	if len(results[0].Samples["run"]) != 5 || len(results[1].Samples["run"]) != 5 {
		t.Errorf("got %+v", results)
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
	one, two, bare := newResult("a"), newResult("b"), newResult("floor")
	one.Samples["run"] = []sample{{Wall: 10 * time.Millisecond, CPU: time.Millisecond, Faults: 5}}
	two.Samples["run"] = []sample{{Wall: 40 * time.Millisecond, CPU: 4 * time.Millisecond, Faults: 10}}
	bare.Samples["run"] = []sample{{Wall: 5 * time.Millisecond}}
	one.Numbers[binarySize], two.Numbers[binarySize] = 1, 2
	print(&b, []result{one, two, bare})
	for _, want := range []string{"a/b", "0.25", "0.50", "10.0", "a/floor", "2.00"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, b.String())
		}
	}
	if strings.Contains(b.String(), "exec") {
		t.Errorf("a row that was not measured is there:\n%s", b.String())
	}
	summarize([]result{one})
	if one.Numbers["run, ms"] != 10 {
		t.Errorf("got %v", one.Numbers)
	}
}

// TestGrowth: a ten that was disturbed but once is compared by what was not.
func TestGrowth(t *testing.T) {
	var samples []sample
	for i := range 30 {
		samples = append(samples, sample{CPU: time.Duration(10+i%2*90) * time.Millisecond})
	}
	if got := growth(samples); got != 1 {
		t.Errorf("disturbed: %v", got)
	}
	for i := range 10 {
		samples[20+i].CPU *= 2
	}
	if got := growth(samples); got != 2 {
		t.Errorf("twice as much: %v", got)
	}
}
