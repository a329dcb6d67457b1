package logs

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestLast(t *testing.T) {
	w, dir := newWriter(t, Limits{MinSize, 3})
	w.Write(Stdout, []byte("before\n"))
	w.Write(Stdout, []byte(numbered(0, 1200))) // fills one file and begins another
	since := time.Now()
	w.Write(Mini, []byte("mini's\n"))
	w.Write(Stderr, []byte("warn"))
	w.Write(Stdout, []byte("a\nb\n"))
	w.Write(Stderr, []byte("ing\n"+strings.Repeat("y", 2*maxText)+"\nopen"))
	for _, tt := range []struct {
		n     int
		since time.Time
		want  string
	}{
		{20, since, "stdout a|stdout b|stderr warning|stderr " + strings.Repeat("y", lastText) + "|stderr open"},
		{1, since, "stderr open"},
		{20, time.Now().Add(time.Hour), ""},
	} {
		lines, err := Last(dir, tt.n, tt.since)
		var got []string
		for _, l := range lines {
			got = append(got, fmt.Sprint(l.Stream, " ", l.Text))
		}
		if err != nil || strings.Join(got, "|") != tt.want {
			t.Errorf("%d: got %q, %v, want %q", tt.n, got, err, tt.want)
		}
	}
	lines, err := Last(dir, 1000, time.Time{})
	if err != nil || len(lines) < 400 || len(lines) == 1000 {
		t.Errorf("got %d lines, %v: want those of the ends of two files", len(lines), err)
	}
}

// TestLastAcrossFiles: a line that begins in one file and ends in the next is one.
func TestLastAcrossFiles(t *testing.T) {
	now := time.Now()
	line := func(s Stream, text string) Line { return Line{Time: now, Stream: s, Text: text} }
	begun := line(Stderr, "warn")
	var open [2]*Line
	open[Stderr] = &begun
	got := join([]Line{line(Stdout, "a")}, open, []Line{line(Stdout, "b"), line(Stderr, "ing")})
	if len(got) != 3 || got[1].Text != "b" || got[2].Text != "warning" {
		t.Errorf("joined: %+v", got)
	}
	got = join(nil, open, []Line{line(Stdout, "b")})
	if len(got) != 2 || got[0].Text != "warn" {
		t.Errorf("left open: %+v", got)
	}
}

func TestLastOfNone(t *testing.T) {
	if lines, err := Last(t.TempDir(), 20, time.Time{}); err != nil || len(lines) > 0 {
		t.Errorf("got %q, %v", lines, err)
	}
}
