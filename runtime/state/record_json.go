package state

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
)

// The record is written and read member by member: nearly every command reads
// it, and for a whole struct encoding/json first prepares all types that it can
// reach, which takes longer than the rest of `mini kill`.

// member is one key of the record in JSON.
type member struct {
	name  string
	value any  // points to it
	omit  bool // when it is empty
}

// members are those of Record's tags, which a test compares with them.
func (r *Record) members() []member {
	return []member{
		{"ociVersion", &r.Version, false},
		{"id", &r.ID, false},
		{"bundle", &r.Bundle, false},
		{"pid", &r.Pid, r.Pid == 0},
		{"start", &r.Start, r.Start == 0},
		{"created", &r.Created, false},
		{"ready", &r.Ready, false},
		{"supervised", &r.Supervised, false},
		{"cgroup", &r.Cgroup, r.Cgroup == ""},
		{"rootfs", &r.Rootfs, false},
		{"annotations", &r.Annotations, len(r.Annotations) == 0},
		{"exit", &r.Exit, r.Exit == nil},
	}
}

// encode gives what json.Marshal would.
func (r Record) encode() ([]byte, error) {
	b := make([]byte, 0, 512)
	for _, m := range r.members() {
		if m.omit {
			continue
		}
		value, err := json.Marshal(m.value)
		if err != nil {
			return nil, err
		}
		b = append(append(append(b, `,"`...), m.name...), `":`...)
		b = append(b, value...)
	}
	b[0] = '{'
	return append(b, '}'), nil
}

var errNoObject = errors.New("not a JSON object")

// decode passes over keys that it does not know.
func (r *Record) decode(data []byte) error {
	d := json.NewDecoder(bytes.NewReader(data))
	if begin, err := d.Token(); err != nil {
		return err
	} else if begin != json.Delim('{') {
		return errNoObject
	}
	members := r.members()
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return err
		}
		if err := d.Decode(find(members, key)); err != nil {
			return err
		}
	}
	if _, err := d.Token(); err != nil {
		return err
	}
	if _, err := d.Token(); err != io.EOF {
		return errNoObject
	}
	return nil
}

// find gives where the value of a key goes.
func find(members []member, key json.Token) any {
	for _, m := range members {
		if m.name == key {
			return m.value
		}
	}
	return new(json.RawMessage)
}
