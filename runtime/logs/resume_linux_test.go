package logs

import (
	"os"
	"testing"
)

// TestResume goes on after a writer that was killed in the middle of a record.
func TestResume(t *testing.T) {
	for name, tail := range map[string]string{"whole": "", "cut": "2026-01-02T03:04:05Z stdout F ha"} {
		t.Run(name, func(t *testing.T) {
			w, dir := newWriter(t, Limits{MinSize, 2})
			w.Write(Stdout, []byte("one\ntwo\n"))
			f, err := os.OpenFile(path(dir, 0), os.O_WRONLY|os.O_APPEND, 0)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := f.WriteString(tail); err != nil {
				t.Fatal(err)
			}
			f.Close()
			next, err := Resume(dir, Limits{MinSize, 2})
			if err != nil {
				t.Fatal(err)
			}
			defer next.Close()
			next.Write(Stdout, []byte("three\n"))
			if got := text(t, dir, Query{Tail: -1}); got != "one\ntwo\nthree\n" {
				t.Errorf("got %q", got)
			}
			if info, _ := os.Stat(path(dir, 0)); info.Size() != next.size {
				t.Errorf("the file has %d bytes, the writer thinks %d", info.Size(), next.size)
			}
		})
	}
	next, err := Resume(t.TempDir(), Limits{MinSize, 2}) // between two files
	if err != nil {
		t.Fatal(err)
	}
	next.Close()
}
