package state

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"
)

// TestRecordJSON: the record is what encoding/json would make of its struct, in
// both directions, full and empty.
func TestRecordJSON(t *testing.T) {
	full := Record{
		Version: "1.2.0", ID: "web", Bundle: "/b <&>", Pid: 7, Start: 1 << 63, Created: time.Unix(5, 6).UTC(), Ready: true,
		Supervised: true, Cgroup: "/c", Rootfs: "/r", Annotations: map[string]string{"b": "\"", "a": "é"},
		Exit: &Exit{State: "failed", Restarts: 4, Status: 3, Death: "d", At: time.Unix(9, 0).UTC(), Account: json.RawMessage(`{"x":1}`)},
	}
	if v := reflect.ValueOf(full); v.NumField() != len(full.members()) {
		t.Errorf("%d fields and %d members", v.NumField(), len(full.members()))
	}
	for _, want := range []Record{full, {}} {
		text, err := want.encode()
		if err != nil {
			t.Fatal(err)
		}
		if plain, _ := json.Marshal(want); string(text) != string(plain) {
			t.Errorf("got  %s\nwant %s", text, plain)
		}
		var got Record
		if err := got.decode(text); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v, %v, want %+v", got, err, want)
		}
	}
}

func TestRecordOfAnotherVersion(t *testing.T) {
	var r Record
	if err := r.decode([]byte(` { "new": {"a": [1]}, "pid": 5, "newer": null } `)); err != nil || r.Pid != 5 {
		t.Errorf("got %+v, %v", r, err)
	}
	for _, bad := range []string{"", "[]", "1", `{"pid":"x"}`, `{"pid":5`, `{"pid":5}{}`, `{"pid":5,}`, `{"pid" 5}`} {
		if err := new(Record).decode([]byte(bad)); err == nil {
			t.Errorf("%s: no error", bad)
		}
	}
}

// FuzzRecord: what is read as a record is JSON, and comes back as it was written.
func FuzzRecord(f *testing.F) {
	f.Add([]byte(`{"id":"web","pid":5,"created":"2026-01-02T03:04:05Z","annotations":{"a":"b"},"exit":{"status":3},"newer":[{}]}`))
	f.Add([]byte(`{"pid":5}{}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		var r, again Record
		if r.decode(text) != nil {
			return
		}
		if !json.Valid(text) {
			t.Fatalf("took what is no JSON: %q", text)
		}
		written, err := r.encode()
		if err != nil {
			t.Fatal(err)
		}
		if err := again.decode(written); err != nil {
			t.Fatalf("%s: %v", written, err)
		}
		if twice, err := again.encode(); err != nil || string(twice) != string(written) {
			t.Errorf("%s came back as %s, %v", written, twice, err)
		}
	})
}
