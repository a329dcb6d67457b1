package state

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"
	"time"
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
		b = append(append(append(b, `,"`...), m.name...), `":`...)
		var err error
		if b, err = appendValue(b, m.value); err != nil {
			return nil, err
		}
	}
	b[0] = '{'
	return append(b, '}'), nil
}

// appendValue writes what nearly all records consist of by itself: encoding/json
// would prepare a type for each, too.
func appendValue(b []byte, value any) ([]byte, error) {
	switch v := value.(type) {
	case *string:
		if plain(*v) {
			return append(append(append(b, '"'), *v...), '"'), nil
		}
	case *int:
		return strconv.AppendInt(b, int64(*v), 10), nil
	case *uint64:
		return strconv.AppendUint(b, *v, 10), nil
	case *bool:
		return strconv.AppendBool(b, *v), nil
	case *time.Time:
		text, err := v.MarshalJSON()
		return append(b, text...), err
	}
	text, err := json.Marshal(value)
	return append(b, text...), err
}

// plain says that a string stands in JSON as it is.
func plain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || strings.IndexByte(`"\<>&`, c) >= 0 {
			return false
		}
	}
	return true
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
