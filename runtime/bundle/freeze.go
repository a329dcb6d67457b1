package bundle

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"

	specs "github.com/opencontainers/runtime-spec/specs-go"
)

// Freeze writes a configuration for Decode, in one line: what json.Marshal
// writes, but for <, > and &, which stay. It prepares only the types it meets
// (see membersOf), since it is on the way of every start with a flag that changes
// something.
func Freeze(spec *specs.Spec) ([]byte, error) {
	w := writer{out: make([]byte, 0, 16<<10)}
	w.value(reflect.ValueOf(spec))
	if w.err != nil {
		return nil, fmt.Errorf("encode %s: %w", ConfigName, w.err)
	}
	return w.out, nil
}

type writer struct {
	out []byte
	err error
}

func (w *writer) value(v reflect.Value) {
	switch kind := v.Kind(); {
	case (kind == reflect.Pointer || kind == reflect.Slice || kind == reflect.Map) && v.IsNil():
		w.out = append(w.out, "null"...)
	case kind == reflect.Pointer:
		w.value(v.Elem())
	case kind == reflect.Struct:
		w.object(v)
	case kind == reflect.Slice:
		w.array(v)
	case kind == reflect.Map:
		w.mapping(v)
	case kind == reflect.String:
		w.text(v.String())
	case kind == reflect.Bool:
		w.out = strconv.AppendBool(w.out, v.Bool())
	case v.CanInt():
		w.out = strconv.AppendInt(w.out, v.Int(), 10)
	case v.CanUint():
		w.out = strconv.AppendUint(w.out, v.Uint(), 10)
	default:
		w.other(v.Interface())
	}
}

func (w *writer) object(v reflect.Value) {
	w.out = append(w.out, '{')
	for _, m := range membersOf(v.Type()) {
		if f := v.FieldByIndex(m.index); !m.omit || !empty(f) {
			w.text(m.name)
			w.out = append(w.out, ':')
			w.value(f)
			w.out = append(w.out, ',')
		}
	}
	w.close('}')
}

func (w *writer) array(v reflect.Value) {
	w.out = append(w.out, '[')
	for i := range v.Len() {
		w.value(v.Index(i))
		w.out = append(w.out, ',')
	}
	w.close(']')
}

func (w *writer) mapping(v reflect.Value) {
	w.out = append(w.out, '{')
	for _, k := range sorted(v) {
		w.text(k.String())
		w.out = append(w.out, ':')
		w.value(v.MapIndex(k))
		w.out = append(w.out, ',')
	}
	w.close('}')
}

// close ends a list, in the place of the comma behind its last element.
func (w *writer) close(bracket byte) {
	if last := len(w.out) - 1; w.out[last] == ',' {
		w.out = w.out[:last]
	}
	w.out = append(w.out, bracket)
}

// text writes a string; what is not plain ASCII is left to encoding/json.
func (w *writer) text(s string) {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			w.other(s)
			return
		}
	}
	w.out = append(append(append(w.out, '"'), s...), '"')
}

func (w *writer) other(v any) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		w.err = err
	}
	w.out = append(w.out, bytes.TrimSuffix(b.Bytes(), []byte{'\n'})...)
}

// empty is what omitempty leaves out: never a struct.
func empty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Struct:
		return false
	case reflect.Slice, reflect.Map:
		return v.Len() == 0
	}
	return v.IsZero()
}
