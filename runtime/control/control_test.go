package control

import (
	"bytes"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestFrames(t *testing.T) {
	frames := []Frame{
		{KindInput, []byte("ls\n")},
		{KindOutput, []byte{}},
		{KindOutput, bytes.Repeat([]byte("x"), MaxBody)},
		Size{24, 80}.Frame(),
	}
	var wire bytes.Buffer
	for _, f := range frames {
		if err := f.Write(&wire); err != nil {
			t.Fatal(err)
		}
	}
	var buf []byte
	for _, want := range frames {
		var got Frame
		var err error
		if got, buf, err = Read(&wire, buf); err != nil || got.Kind != want.Kind || !bytes.Equal(got.Body, want.Body) {
			t.Errorf("got %c %d bytes, %v, want %c %d", got.Kind, len(got.Body), err, want.Kind, len(want.Body))
		}
	}
	if _, _, err := Read(&wire, buf); err != io.EOF {
		t.Errorf("at the end: %v, want EOF", err)
	}
}

func TestDocument(t *testing.T) {
	reply := Frame{KindReply, []byte("{}")}
	for _, n := range []int{0, 1, MaxBody, MaxBody + 1, 5*MaxBody + 7} {
		doc := bytes.Repeat([]byte("x"), n)
		var wire bytes.Buffer
		if err := errors.Join(WriteDocument(&wire, doc), reply.Write(&wire)); err != nil {
			t.Fatal(err)
		}
		got, last, err := ReadDocument(&wire)
		if err != nil || !bytes.Equal(got, doc) || last.Kind != KindReply || string(last.Body) != "{}" {
			t.Errorf("%d bytes: got %d, %c, %v", n, len(got), last.Kind, err)
		}
	}
	if err := WriteDocument(io.Discard, make([]byte, MaxDocument+1)); err == nil {
		t.Error("written, and too long")
	}
	if _, _, err := ReadDocument(endless{}); err == nil {
		t.Error("read what has no end")
	}
}

// endless gives parts without end.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	return copy(p, Frame{KindPart, make([]byte, max(len(p)-headSize, 1))}.Append(nil)), nil
}

func TestFrameTooLong(t *testing.T) {
	if err := (Frame{KindInput, make([]byte, MaxBody+1)}).Write(io.Discard); err == nil {
		t.Error("written")
	}
	if _, _, err := Read(strings.NewReader("i\xff\xff\xff\xff"), nil); err == nil || errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("read: %v", err)
	}
	if _, _, err := Read(strings.NewReader("i\x05\x00\x00\x00ab"), nil); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("cut short: %v", err)
	}
}

func FuzzRead(f *testing.F) {
	f.Add(Frame{KindInput, []byte("ls")}.Append(nil))
	f.Add([]byte("i\xff\xff\xff\x7f"))
	f.Fuzz(func(t *testing.T, wire []byte) {
		got, buf, err := Read(bytes.NewReader(wire), nil)
		if cap(buf) > MaxBody {
			t.Errorf("took %d bytes of memory", cap(buf))
		}
		if err == nil && !bytes.HasPrefix(wire, got.Append(nil)) {
			t.Errorf("read %q of %q", got, wire)
		}
	})
}

func TestParseRequest(t *testing.T) {
	grace := time.Second
	for _, tt := range []struct {
		text string
		want *Request // nil: refused
	}{
		{`{"Do":"health"}`, &Request{Do: Health}},
		{`{"Do":"health","Full":true}`, &Request{Do: Health, Full: true}},
		{`{"Do":"restart","Grace":1000000000}`, &Request{Do: Restart, Grace: &grace}}, {`{"Do":"restart","Signal":-1}`, nil},
		{`{"Do":"wait","For":"exit"}`, &Request{Do: Wait, For: Exit}},
		{`{"Do":"wait","For":"healthy"}`, &Request{Do: Wait, For: Healthy}},
		{`{"Do":"stop"}`, &Request{Do: Stop}},
		{`{"Do":"stop","Signal":2,"Grace":1000000000}`, &Request{Do: Stop, Signal: 2, Grace: &grace}},
		{`{"Do":"attach","Size":{"Rows":24,"Columns":80}}`, &Request{Do: Attach, Size: &Size{24, 80}}},
		{`{"Do":"wait"}`, nil}, {`{"Do":"wait","For":"rain"}`, nil},
		{`{"Do":"stop","Signal":65}`, nil}, {`{"Do":"stop","Grace":-1}`, nil},
		{`{"Do":"dance"}`, nil}, {`{}`, nil}, {``, nil}, {`[`, nil}, {`{"Do":"attach","Size":{"Rows":70000}}`, nil},
	} {
		got, err := ParseRequest([]byte(tt.text))
		if (err == nil) != (tt.want != nil) || err == nil && !reflect.DeepEqual(got, *tt.want) {
			t.Errorf("%s: got %+v, %v, want %+v", tt.text, got, err, tt.want)
		}
	}
}

func FuzzParseRequest(f *testing.F) {
	f.Add([]byte(`{"Do":"wait","For":"exit"}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		r, err := ParseRequest(text)
		if err != nil {
			return
		}
		frame, err := JSON(KindRequest, r)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := ParseRequest(frame.Body); err != nil || !reflect.DeepEqual(again, r) {
			t.Errorf("%+v came back as %+v, %v", r, again, err)
		}
	})
}

func TestReached(t *testing.T) {
	for _, tt := range []struct {
		reply Reply
		goal  Goal
		want  bool
	}{
		{Reply{State: "starting"}, Healthy, false}, {Reply{State: "healthy"}, Healthy, true},
		{Reply{State: "healthy"}, Ready, false}, {Reply{State: "healthy", Ready: true}, Ready, true}, {Reply{State: "healthy"}, Exit, false},
		{Reply{State: "starting", Pid: 1}, Started, true}, {Reply{State: "backoff"}, Started, false}, {Reply{Ended: true}, Started, true},
		{Reply{State: "backoff"}, Exit, false}, {Reply{Ended: true}, Exit, true}, {Reply{Ended: true}, Healthy, true},
	} {
		if got := tt.reply.Reached(tt.goal); got != tt.want {
			t.Errorf("%+v reached %s: %v", tt.reply, tt.goal, got)
		}
	}
}

func TestParseSize(t *testing.T) {
	want := Size{50, 132}
	if got, err := ParseSize(want.Frame().Body); err != nil || got != want {
		t.Errorf("got %v, %v", got, err)
	}
	if _, err := ParseSize([]byte{1, 2, 3}); err == nil {
		t.Error("no error for three bytes")
	}
}

func TestKeys(t *testing.T) {
	const p, q = "\x10", "\x11"
	for _, tt := range []struct {
		typed  string // | is where one read ends
		pass   string
		detach bool
	}{
		{"ls\r", "ls\r", false}, {p + q, "", true}, {"a" + p + q + "b", "a", true}, {p + "|" + q, "", true},
		{p + "x", p + "x", false}, {p + "|x", p + "x", false}, {q, q, false}, {p, "", false},
		{p + p + q, p, true}, {p + "|" + p + "|" + q, p, true}, {p + "x" + q, p + "x" + q, false}, {p + p + "x", p + p + "x", false},
	} {
		var k Keys
		var pass []byte
		detach := false
		for _, read := range strings.Split(tt.typed, "|") {
			pass, detach = k.Scan(pass, []byte(read))
		}
		if string(pass) != tt.pass || detach != tt.detach {
			t.Errorf("%q: got %q %v, want %q %v", tt.typed, pass, detach, tt.pass, tt.detach)
		}
	}
}
