package logs

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func newWriter(t *testing.T, l Limits) (*Writer, string) {
	t.Helper()
	dir := t.TempDir()
	w, err := Create(dir, l)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	return w, dir
}

// text is what Read gives, put together again.
func text(t *testing.T, dir string, q Query) string {
	t.Helper()
	var b strings.Builder
	err := Read(context.Background(), dir, q, func(r Record) error {
		b.Write(r.Text)
		if r.Full {
			b.WriteByte('\n')
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// numbered is n lines of about 100 bytes.
func numbered(from, n int) string {
	var b strings.Builder
	for i := from; i < from+n; i++ {
		fmt.Fprintf(&b, "%06d %s\n", i, strings.Repeat("x", 90))
	}
	return b.String()
}

func TestLimits(t *testing.T) {
	for _, tt := range []struct {
		limits Limits
		ok     bool
	}{
		{Limits{MinSize, 1}, true}, {Limits{10 << 20, 3}, true},
		{Limits{MinSize - 1, 1}, false}, {Limits{MinSize, 0}, false}, {Limits{}, false},
	} {
		if err := tt.limits.Check(); (err == nil) != tt.ok {
			t.Errorf("%+v: %v, want ok = %v", tt.limits, err, tt.ok)
		}
	}
}

func TestFull(t *testing.T) {
	l := Limits{Size: 100, Files: 1}
	for _, tt := range []struct {
		size int64
		n    int
		want bool
	}{{0, 50, false}, {50, 50, false}, {51, 50, true}, {0, 1000, false}, {100, 0, false}, {100, 1, true}} {
		if got := l.full(tt.size, tt.n); got != tt.want {
			t.Errorf("full(%d, %d) = %v", tt.size, tt.n, got)
		}
	}
}

func TestReserve(t *testing.T) {
	for _, tt := range []struct{ disk, want uint64 }{
		{1 << 20, 256 << 10}, {100 << 20, 5 << 20}, {1 << 40, 16 << 20},
	} {
		if got := reserve(tt.disk); got != tt.want {
			t.Errorf("reserve(%d) = %d, want %d", tt.disk, got, tt.want)
		}
	}
}

// TestRotation writes more than there is room for: the newest is kept, no file is
// larger than it may be, and none is more than there may be.
func TestRotation(t *testing.T) {
	for _, tt := range []struct {
		name   string
		limits Limits
		lines  int
	}{
		{"within the first file", Limits{MinSize, 3}, 100},
		{"within all files", Limits{MinSize, 3}, 1000},
		{"more", Limits{MinSize, 3}, 5000},
		{"one file only", Limits{MinSize, 1}, 5000},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w, dir := newWriter(t, tt.limits)
			all := numbered(0, tt.lines)
			for rest := all; rest != ""; {
				n := min(5000, len(rest)) // cuts lines
				w.Write(Stdout, []byte(rest[:n]))
				rest = rest[n:]
			}
			holds(t, dir, tt.limits)
			got := text(t, dir, Query{Tail: -1})
			if !strings.HasSuffix(all, got) {
				t.Error("what is kept is not the end of what was written")
			}
			if least := min(int64(len(all)), tt.limits.Size*int64(tt.limits.Files-1)/2); int64(len(got)) < least {
				t.Errorf("only %d bytes are kept", len(got))
			}
		})
	}
}

// holds requires that the files keep to the limits.
func holds(t *testing.T, dir string, l Limits) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) > l.Files {
		t.Errorf("files %v, %v, want at most %d", files, err, l.Files)
	}
	for _, f := range files {
		if info, err := os.Stat(f); err != nil || info.Size() > l.Size {
			t.Errorf("%s: %d bytes, %v, want at most %d", f, info.Size(), err, l.Size)
		}
	}
}

// FuzzBounds: whatever is written in whatever pieces, the files keep to the
// limits, and the end of it can be read.
func FuzzBounds(f *testing.F) {
	f.Add([]byte("line\n"), uint16(3000), uint8(3))
	f.Add([]byte("\n"), uint16(40000), uint8(1))
	f.Add(bytes.Repeat([]byte("x"), 9000), uint16(30), uint8(2))
	f.Fuzz(func(t *testing.T, piece []byte, times uint16, files uint8) {
		l := Limits{MinSize, 1 + int(files%4)}
		w, dir := newWriter(t, l)
		all := bytes.Repeat(piece, min(int(times), 1+(1<<18)/max(1, len(piece))))
		for rest := all; len(rest) > 0; {
			n := min(len(rest), 32<<10)
			w.Write(Stderr, rest[:n])
			rest = rest[n:]
		}
		holds(t, dir, l)
		if got := text(t, dir, Query{Tail: -1}); !strings.HasSuffix(string(all), got) {
			t.Error("what is kept is not the end of what was written")
		}
	})
}

func TestTail(t *testing.T) {
	w, dir := newWriter(t, Limits{MinSize, 3})
	w.Write(Stdout, []byte(numbered(0, 900)))
	for _, n := range []int{0, 1, 10, 700} {
		if got := text(t, dir, Query{Tail: n}); got != numbered(900-n, n) {
			t.Errorf("tail %d gives %d lines", n, strings.Count(got, "\n"))
		}
	}
	w.Write(Stdout, []byte("prompt> "))
	if got := text(t, dir, Query{Tail: 1}); got != "prompt> " {
		t.Errorf("tail 1 = %q", got)
	}
	if got := text(t, dir, Query{Tail: 2}); got != numbered(899, 1)+"prompt> " {
		t.Errorf("tail 2 = %q", got)
	}
}

// TestFollow reads along while files are rotated away under the reader.
func TestFollow(t *testing.T) {
	w, dir := newWriter(t, Limits{MinSize, 3})
	w.Write(Stdout, []byte(numbered(0, 100)))
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	lines := 0
	err := Read(ctx, dir, Query{Tail: -1, Follow: true}, func(r Record) error {
		if want := fmt.Sprintf("%06d ", lines); !strings.HasPrefix(string(r.Text), want) {
			return fmt.Errorf("line %d is %q", lines, r.Text)
		}
		lines++
		switch {
		case lines%100 == 0 && lines < 3000:
			w.Write(Stdout, []byte(numbered(lines, 100)))
		case lines == 3000:
			w.Write(Stdout, []byte(numbered(lines, 1)))
			cancel() // what was written before is still read
		}
		return nil
	})
	if err != nil || lines != 3001 {
		t.Errorf("read %d lines, %v, want 3001", lines, err)
	}
}

// TestFollowWaits: the reader has nothing left, and is woken.
func TestFollowWaits(t *testing.T) {
	w, dir := newWriter(t, Limits{MinSize, 2})
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	got := make(chan string)
	done := make(chan error)
	go func() {
		done <- Read(ctx, dir, Query{Tail: -1, Follow: true}, func(r Record) error {
			got <- r.Stream.String() + " " + string(r.Text)
			return nil
		})
	}()
	for i := range 2000 { // through a number of rotations
		line := strings.Repeat("y", 100) + fmt.Sprint(i)
		w.Write(Mini, []byte(line+"\n"))
		if g, want := <-got, "mini "+line; g != want {
			t.Fatalf("got %q, want %q", g, want)
		}
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// TestDiskFull: /dev/full says ENOSPC to every write.
func TestDiskFull(t *testing.T) {
	w, dir := newWriter(t, Limits{MinSize, 2})
	w.Write(Stdout, []byte("before\n"))
	good, size := w.file, w.size
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	w.file = full
	for range 3 {
		w.Write(Stdout, []byte("lost\n"))
	}
	full.Close()
	w.file, w.size = good, size
	w.Write(Stdout, []byte("after\n"))
	got := text(t, dir, Query{Tail: -1})
	if want := "before\nthe log has lost 15 bytes here: write /dev/full: no space left on device\nafter\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestReadOfNothing(t *testing.T) {
	err := Read(context.Background(), t.TempDir(), Query{Tail: -1}, func(Record) error { return nil })
	if !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}

// TestBrokenLine: a supervisor that was killed may leave half a record.
func TestBrokenLine(t *testing.T) {
	w, dir := newWriter(t, Limits{MinSize, 2})
	w.Write(Stdout, []byte("a\n"))
	if _, err := w.file.WriteString("2026-11-21T23:14:16Z std"); err != nil {
		t.Fatal(err)
	}
	if got := text(t, dir, Query{Tail: -1}); got != "a\n" {
		t.Errorf("got %q", got)
	}
}

func BenchmarkWrite(b *testing.B) {
	for _, line := range []int{2, 100} {
		b.Run(fmt.Sprintf("lines of %d", line), func(b *testing.B) {
			w, err := Create(b.TempDir(), Limits{10 << 20, 3})
			if err != nil {
				b.Fatal(err)
			}
			defer w.Close()
			p := bytes.Repeat(append(bytes.Repeat([]byte("x"), line-1), '\n'), 8192/line)
			b.SetBytes(int64(len(p)))
			for b.Loop() {
				w.Write(Stdout, p)
			}
		})
	}
}
