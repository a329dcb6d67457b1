package control

import (
	"bytes"
	"io"
	"testing"
)

// FuzzReadDocument: what a supervisor sends is a document of bounded size and a
// frame that is no piece of one, or an error; and any document gets across.
func FuzzReadDocument(f *testing.F) {
	f.Add(Frame{KindReply, []byte("{}")}.Append(Frame{KindPart, []byte("doc")}.Append(nil)))
	f.Add([]byte("p\xff\xff\xff\x7f"))
	f.Fuzz(func(t *testing.T, wire []byte) {
		doc, last, err := ReadDocument(bytes.NewReader(wire))
		if len(doc) > MaxDocument || len(doc) > len(wire) {
			t.Errorf("a document of %d bytes from %d", len(doc), len(wire))
		}
		if err == nil && last.Kind == KindPart {
			t.Errorf("ended with a piece: %q", last)
		}
		var sent bytes.Buffer
		if err := WriteDocument(&sent, wire); err != nil {
			t.Fatal(err)
		}
		got, _, err := ReadDocument(&sent)
		if err != io.EOF || !bytes.Equal(got, wire) {
			t.Errorf("%q came back as %q, %v", wire, got, err)
		}
	})
}

// FuzzParseReply: a reply that is read comes back as it was written.
func FuzzParseReply(f *testing.F) {
	f.Add([]byte(`{"State":"healthy","Pid":5,"Ended":true,"Status":3}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		r, err := ParseReply(text)
		if err != nil {
			return
		}
		frame, err := JSON(KindReply, r)
		if err != nil {
			return // longer than a frame
		}
		if again, err := ParseReply(frame.Body); err != nil || again != r {
			t.Errorf("%+v came back as %+v, %v", r, again, err)
		}
	})
}

// FuzzKeys: it does not matter how what is typed is cut, and without the two keys
// all of it is passed on.
func FuzzKeys(f *testing.F) {
	f.Add([]byte("ls\x10\x10\x11rest"), 4)
	f.Add([]byte("\x10"), 0)
	f.Fuzz(func(t *testing.T, typed []byte, cut int) {
		if cut < 0 || cut > len(typed) {
			return
		}
		var whole, parts Keys
		all, left := whole.Scan(nil, typed)
		got, gone := parts.Scan(nil, typed[:cut])
		if !gone {
			got, gone = parts.Scan(got, typed[cut:])
		}
		if gone != left || !bytes.Equal(got, all) || whole != parts {
			t.Errorf("%q cut at %d: %q, %v, and %q, %v in one", typed, cut, got, gone, all, left)
		}
		before, _, pressed := bytes.Cut(typed, []byte{ctrlP, ctrlQ})
		if left != pressed {
			t.Errorf("%q: detached %v", typed, left)
		}
		if whole.held {
			all = append(all, ctrlP)
		}
		if !bytes.Equal(all, before) {
			t.Errorf("%q: passed on %q", typed, all)
		}
	})
}
