package notify

import (
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"
)

func TestParse(t *testing.T) {
	tests := []struct {
		datagram string
		want     Message
	}{
		{"", Message{}},
		{"READY=1", Message{Ready: true}},
		{"READY=1\n", Message{Ready: true}},
		{"READY=1\nSTATUS=serving on :80\nMAINPID=17\n", Message{Ready: true, Status: "serving on :80", HasStatus: true, MainPID: 17}},
		{"STATUS=", Message{HasStatus: true}},
		{"STATUS=a=b", Message{HasStatus: true, Status: "a=b"}},
		{"STATUS=a\nSTATUS=b", Message{HasStatus: true, Status: "b"}},
		{"STATUS=\x1b[31mred\x07\xff\u202etxt\t\r", Message{HasStatus: true, Status: `\x1b[31mred\a\xff\u202etxt\t\r`}},
		{"WATCHDOG=1", Message{Watchdog: true}},
		{"WATCHDOG=trigger", Message{Trigger: true}},
		{"WATCHDOG_USEC=20000000", Message{WatchdogEvery: 20 * time.Second}},
		{"EXTEND_TIMEOUT_USEC=1500000", Message{Extend: 1500 * time.Millisecond}},
		{"EXTEND_TIMEOUT_USEC=18446744073709551615", Message{Extend: math.MaxInt64 / 1000 * time.Microsecond}},
		{"RELOADING=1\nMONOTONIC_USEC=8000001", Message{Reloading: true, At: 8000001 * time.Microsecond}},
		{"STOPPING=1\nERRNO=2\nBUSERROR=org.example.Bad\nEXIT_STATUS=7", Message{Stopping: true, Errno: 2, BusError: "org.example.Bad", ExitStatus: "7"}},
		{"BARRIER=1", Message{Barrier: true}},
		{"FDSTORE=1\nFDNAME=x\nX_OWN=1\nnonsense\n=\nready=1", Message{}},
		{"READY=0\nWATCHDOG=\nMAINPID=0\nERRNO=5000", Message{Bad: []string{"READY=0", "WATCHDOG=", "MAINPID=0", "ERRNO=5000"}}},
		{"STOPPING=yes\x00\nBARRIER=2\nRELOADING=\nWATCHDOG_USEC=-1\nWATCHDOG_USEC=0\nREADY=1",
			Message{Ready: true, Bad: []string{`STOPPING=yes\x00`, "BARRIER=2", "RELOADING=", "WATCHDOG_USEC=-1"}}},
	}
	for _, test := range tests {
		if got := Parse([]byte(test.datagram)); !reflect.DeepEqual(got, test.want) {
			t.Errorf("%q: got %+v\nwant %+v", test.datagram, got, test.want)
		}
	}
}

func TestEncode(t *testing.T) {
	tests := []struct {
		message Message
		want    string
	}{
		{Message{}, ""},
		{Message{Ready: true, HasStatus: true}, "READY=1\nSTATUS="},
		{Message{Status: "two\nREADY=1"}, "STATUS=two"},
		{Message{Watchdog: true, Extend: time.Nanosecond}, "WATCHDOG=1\nEXTEND_TIMEOUT_USEC=1"},
		{Message{Watchdog: true, Trigger: true}, "WATCHDOG=trigger"},
		{Message{Stopping: true, PID: 5, UID: 6, Files: 7, Bad: []string{"x"}}, "STOPPING=1"},
	}
	for _, test := range tests {
		if got := string(test.message.Encode()); got != test.want {
			t.Errorf("%+v: got %q, want %q", test.message, got, test.want)
		}
	}
}

func TestPrintable(t *testing.T) {
	tests := []struct{ text, want string }{
		{"", ""},
		{"äö ✓", "äö ✓"},
		{"a\u00a0b", `a\u00a0b`},
		{"12345678", "12345678"},
		{"123456789", "12345…"},
		{"1234\u202e", "1234…"},
		{"\x00\x00\x00", `\x00…`},
		{"äääää", "ää…"},
	}
	for _, test := range tests {
		if got := printable(test.text, 8); got != test.want {
			t.Errorf("%q: got %q, want %q", test.text, got, test.want)
		}
	}
}

// FuzzParse: no panic; what a terminal sees is bounded and printable; what was
// understood is understood again once it is written.
func FuzzParse(f *testing.F) {
	f.Add([]byte("READY=1\nSTATUS=\x1b]0;x\x07\nWATCHDOG_USEC=1\nMAINPID=1\nERRNO=4095"))
	f.Add([]byte("EXTEND_TIMEOUT_USEC=9223372036854775807\nBUSERROR=\xff\nEXIT_STATUS=\\\nRELOADING=1"))
	f.Add([]byte("WATCHDOG=trigger\nWATCHDOG=1\nBARRIER=1\n\n=\nSTOPPING=0"))
	f.Fuzz(func(t *testing.T, datagram []byte) {
		m := Parse(datagram)
		for _, text := range append(m.Bad, m.Status, m.BusError, m.ExitStatus) {
			if len(text) > MaxStatus || !utf8.ValidString(text) || strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
				t.Errorf("%q: text %q", datagram, text)
			}
		}
		if len(m.Bad) > maxBad || m.Extend < 0 || m.WatchdogEvery < 0 || m.At < 0 {
			t.Errorf("%q: %+v", datagram, m)
		}
		m.Bad, m.Watchdog = nil, m.Watchdog && !m.Trigger
		if again := Parse(m.Encode()); !reflect.DeepEqual(again, m) {
			t.Errorf("%q: got %+v, then %+v", datagram, m, again)
		}
	})
}

func TestWatchdogEnabled(t *testing.T) {
	tests := []struct {
		usec, pid string
		want      time.Duration
		failure   string
	}{
		{"", "", 0, ""},
		{"", "x", 0, ""},
		{"3000000", "", 3 * time.Second, ""},
		{"3000000", "42", 3 * time.Second, ""},
		{"3000000", "43", 0, ""},
		{"0", "42", 0, `WATCHDOG_USEC="0": not a number of microseconds`},
		{"3s", "", 0, `WATCHDOG_USEC="3s": not a number of microseconds`},
		{"18446744073709551615", "", 0, `WATCHDOG_USEC="18446744073709551615": not a number of microseconds`},
		{"1", "-1", 0, `WATCHDOG_PID="-1": not a process id`},
		{"1", "0", 0, `WATCHDOG_PID="0": not a process id`},
	}
	for _, test := range tests {
		env := map[string]string{"WATCHDOG_USEC": test.usec, "WATCHDOG_PID": test.pid}
		got, err := WatchdogEnabled(func(name string) string { return env[name] }, 42)
		failure := ""
		if err != nil {
			failure = fmt.Sprint(err)
		}
		if got != test.want || failure != test.failure {
			t.Errorf("%v: got %v, %q", env, got, failure)
		}
	}
}
