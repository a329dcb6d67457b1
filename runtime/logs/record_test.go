package logs

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

var moment = time.Date(2026, 11, 22, 0, 14, 16, 123456789, time.FixedZone("", 3600))

func TestAppendRecord(t *testing.T) {
	const stamp = "2026-11-21T23:14:16.123456789Z "
	for _, tt := range []struct {
		name   string
		stream Stream
		text   string
		want   string
		rest   string
	}{
		{"a line", Stdout, "hello\n", stamp + "stdout F hello\n", ""},
		{"no newline", Stderr, "pass", stamp + "stderr P pass\n", ""},
		{"two lines", Mini, "a\nb\n", stamp + "mini F a\n", "b\n"},
		{"an empty line", Stdout, "\n", stamp + "stdout F \n", ""},
		{"spaces", Stdout, "  x y \n", stamp + "stdout F   x y \n", ""},
		{"as long as may be", Stdout, strings.Repeat("x", maxText), stamp + "stdout P " + strings.Repeat("x", maxText) + "\n", ""},
		{"longer", Stdout, strings.Repeat("x", maxText+1), stamp + "stdout P " + strings.Repeat("x", maxText) + "\n", "x"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, rest := appendRecord(nil, head(moment, tt.stream), []byte(tt.text))
			if string(got) != tt.want || string(rest) != tt.rest {
				t.Errorf("got %q and %q, want %q and %q", got, rest, tt.want, tt.rest)
			}
		})
	}
}

func TestParseRecordRefuses(t *testing.T) {
	for _, line := range []string{
		"", "x", "2026-11-21T23:14:16Z", "2026-11-21T23:14:16Z stdout", "2026-11-21T23:14:16Z stdout F",
		"2026-11-21T23:14:16Z stdout X text", "2026-11-21T23:14:16Z nobody F text", "yesterday stdout F text",
	} {
		if r, err := parseRecord([]byte(line)); err == nil {
			t.Errorf("parseRecord(%q) = %+v, want an error", line, r)
		}
	}
}

// FuzzRecord: whatever is written comes back the same, in records of bounded
// size.
func FuzzRecord(f *testing.F) {
	f.Add([]byte("a\nb"), uint8(0))
	f.Add(bytes.Repeat([]byte("long "), 5000), uint8(1))
	f.Add([]byte("\x00\xff \r\n\n"), uint8(2))
	f.Fuzz(func(t *testing.T, text []byte, stream uint8) {
		s := Stream(stream % 3)
		var back []byte
		for rest := text; len(rest) > 0; {
			var line []byte
			line, rest = appendRecord(nil, head(moment, s), rest)
			if len(line) > maxRecord {
				t.Fatalf("a record of %d bytes", len(line))
			}
			r, err := parseRecord(bytes.TrimSuffix(line, []byte("\n")))
			if err != nil {
				t.Fatal(err)
			}
			if r.Stream != s || !r.Time.Equal(moment) {
				t.Errorf("got %v at %v", r.Stream, r.Time)
			}
			if back = append(back, r.Text...); r.Full {
				back = append(back, '\n')
			}
		}
		if !bytes.Equal(back, text) {
			t.Errorf("got %q, want %q", back, text)
		}
	})
}

func FuzzParseRecord(f *testing.F) {
	f.Add([]byte("2026-11-21T23:14:16Z stdout F text"))
	f.Fuzz(func(t *testing.T, line []byte) {
		if r, err := parseRecord(line); err == nil && !bytes.HasSuffix(line, r.Text) {
			t.Errorf("text %q is not the end of %q", r.Text, line)
		}
	})
}
