package state

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"

	"mini/runtime/jsonwalk"
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
	if !jsonwalk.Valid(data) {
		return json.Unmarshal(data, new(json.RawMessage)) // says what is wrong
	}
	begin := jsonwalk.Space(data, 0)
	if data[begin] != '{' {
		return errNoObject
	}
	members := r.members()
	_, err := jsonwalk.List(data, begin, func(i int) (int, error) {
		key, i := jsonwalk.Name(data, i)
		end := jsonwalk.Skip(data, i)
		return end, readValue(data[i:end], find(members, key))
	})
	return err
}

// readValue is the other direction of appendValue.
func readValue(text []byte, value any) error {
	switch v := value.(type) {
	case nil: // of a newer mini
		return nil
	case *string:
		if text[0] == '"' {
			*v = jsonwalk.String(text)
			return nil
		}
	case *int:
		if n, err := strconv.Atoi(string(text)); err == nil {
			*v = n
			return nil
		}
	case *uint64:
		if n, err := strconv.ParseUint(string(text), 10, 64); err == nil {
			*v = n
			return nil
		}
	case *bool:
		if text[0] == 't' || text[0] == 'f' {
			*v = text[0] == 't'
			return nil
		}
	case *time.Time:
		return v.UnmarshalJSON(text)
	}
	return json.Unmarshal(text, value)
}

// find gives where the value of a key goes, nil: nowhere.
func find(members []member, key []byte) any {
	for _, m := range members {
		if m.name == string(key) {
			return m.value
		}
	}
	return nil
}
