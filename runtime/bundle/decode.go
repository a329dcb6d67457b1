package bundle

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"

	specs "github.com/opencontainers/runtime-spec/specs-go"
)

// parse reads a document. It gives what json.Unmarshal gives, but only for keys
// that are spelled exactly; of a key given twice the last one counts.
func parse(raw []byte) (*specs.Spec, []Warning, error) {
	if !json.Valid(raw) {
		return nil, nil, broken(raw, json.Unmarshal(raw, new(json.RawMessage)))
	}
	d := decoder{raw: raw, shapes: make(shapes, 32)}
	spec := new(specs.Spec)
	start := space(raw, 0)
	if raw[start] != '{' {
		return nil, nil, d.mismatch(start, reflect.TypeFor[specs.Spec]())
	}
	if _, err := d.value(start, reflect.ValueOf(spec).Elem()); err != nil {
		return nil, nil, err
	}
	return spec, d.warnings, nil
}

// A decoder fills values from a well-formed document.
type decoder struct {
	raw      []byte
	path     []step // from the root to the value at hand
	shapes   shapes
	warnings []Warning
}

// A step of a JSON pointer: a key, or an index where the key is nil.
type step struct {
	key   []byte
	index int
}

// value fills v from the value at i.
func (d *decoder) value(i int, v reflect.Value) (end int, err error) {
	v.SetZero()
	if d.raw[i] == 'n' {
		return i + len("null"), nil
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		return d.value(i, v.Elem())
	case reflect.Struct:
		return d.object(i, v)
	case reflect.Slice:
		return d.array(i, v)
	case reflect.Map:
		return d.mapping(i, v)
	}
	end = skip(d.raw, i)
	if !scalar(d.raw[i:end], v) {
		return i, d.mismatch(i, v.Type())
	}
	return end, nil
}

// object fills a struct.
func (d *decoder) object(i int, v reflect.Value) (int, error) {
	if d.raw[i] != '{' {
		return i, d.mismatch(i, v.Type())
	}
	known := d.shapes.of(v.Type())
	var seen uint64 // bit n: known[n] was there; no struct has more than 64 members
	return list(d.raw, i, func(at int) (int, error) {
		key, i := name(d.raw, at)
		d.path = append(d.path, step{key: key})
		defer d.leave()
		n := find(known, key)
		if n < 0 {
			d.unknown(at, known)
			return skip(d.raw, i), nil
		}
		if seen&(1<<n) != 0 {
			d.warn(at, "given twice; the last one counts")
		}
		seen |= 1 << n
		return d.value(i, v.FieldByIndex(known[n].index))
	})
}

// array fills a slice.
func (d *decoder) array(i int, v reflect.Value) (int, error) {
	if d.raw[i] != '[' {
		return i, d.mismatch(i, v.Type())
	}
	v.Set(reflect.MakeSlice(v.Type(), 0, 0)) // [] is not nil, as with encoding/json
	return list(d.raw, i, func(i int) (int, error) {
		n := v.Len()
		d.path = append(d.path, step{index: n})
		defer d.leave()
		v.Grow(1)
		v.SetLen(n + 1)
		return d.value(i, v.Index(n))
	})
}

// mapping fills a map with string keys, whose names are the user's own.
func (d *decoder) mapping(i int, v reflect.Value) (int, error) {
	if d.raw[i] != '{' {
		return i, d.mismatch(i, v.Type())
	}
	v.Set(reflect.MakeMap(v.Type()))
	return list(d.raw, i, func(at int) (int, error) {
		key, i := name(d.raw, at)
		d.path = append(d.path, step{key: key})
		defer d.leave()
		k := reflect.ValueOf(strings.ToValidUTF8(string(key), "\uFFFD")).Convert(v.Type().Key())
		if v.MapIndex(k).IsValid() {
			d.warn(at, "given twice; the last one counts")
		}
		element := reflect.New(v.Type().Elem()).Elem()
		end, err := d.value(i, element)
		v.SetMapIndex(k, element)
		return end, err
	})
}

// scalar sets v from the text of one value; false if it is of another type.
func scalar(text []byte, v reflect.Value) bool {
	switch kind := v.Kind(); {
	case kind == reflect.String && text[0] == '"':
		v.SetString(str(text))
	case kind == reflect.Bool && (text[0] == 't' || text[0] == 'f'):
		v.SetBool(text[0] == 't')
	case v.CanInt():
		n, err := strconv.ParseInt(string(text), 10, v.Type().Bits())
		v.SetInt(n)
		return err == nil
	case v.CanUint():
		n, err := strconv.ParseUint(string(text), 10, v.Type().Bits())
		v.SetUint(n)
		return err == nil
	case kind == reflect.Interface || kind == reflect.Float64:
		return json.Unmarshal(text, v.Addr().Interface()) == nil
	default:
		return false
	}
	return true
}

// str is a string's content; nearly none has anything to decode.
func str(quoted []byte) string {
	inner := quoted[1 : len(quoted)-1]
	if bytes.IndexByte(inner, '\\') < 0 && utf8.Valid(inner) {
		return string(inner)
	}
	return unquote(quoted)
}

func (d *decoder) leave() { d.path = d.path[:len(d.path)-1] }

// pointer is the JSON pointer (RFC 6901) of the value at hand.
func (d *decoder) pointer() string {
	var b strings.Builder
	for _, s := range d.path {
		b.WriteByte('/')
		if s.key == nil {
			b.WriteString(strconv.Itoa(s.index))
			continue
		}
		b.WriteString(escape(string(s.key)))
	}
	return b.String()
}

// escape writes a key as one part of a JSON pointer.
func escape(key string) string {
	return strings.NewReplacer("~", "~0", "/", "~1").Replace(strings.ToValidUTF8(key, "\uFFFD"))
}

// maxWarnings keeps a file of a million unknown keys from costing minutes.
const maxWarnings = 100

func (d *decoder) warn(at int, text string) {
	if len(d.warnings) == maxWarnings {
		return
	}
	line, column := position(d.raw, at)
	if len(d.warnings) == maxWarnings-1 {
		text += fmt.Sprintf(" (warning %d; what follows is not looked at)", maxWarnings)
	}
	d.warnings = append(d.warnings, Warning{d.pointer(), text, line, column})
}

// unknown warns about a key that the object at hand does not have.
func (d *decoder) unknown(at int, known []member) {
	if len(d.warnings) < maxWarnings {
		d.warn(at, suggest(d.pointer(), known))
	}
}

// mismatch is the error for a value at i that is not of type t.
func (d *decoder) mismatch(i int, t reflect.Type) error {
	found := d.raw[i:skip(d.raw, i)]
	text := fmt.Sprintf("expected %s, found %s", expected(t), kind(found))
	field := d.pointer()
	if field == "" {
		field = "/"
	}
	return place(d.raw, i, field, errors.New(text))
}

// expected names a type in the words of JSON.
func expected(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "a string"
	case reflect.Bool:
		return "true or false"
	case reflect.Slice:
		return "an array of " + plural(t.Elem())
	case reflect.Uint8, reflect.Uint16, reflect.Uint32:
		return fmt.Sprintf("a whole number from 0 to %d", uint64(1)<<t.Bits()-1)
	case reflect.Uint, reflect.Uint64:
		return "a whole number, 0 or more"
	case reflect.Int32:
		return "a whole number of 32 bits"
	case reflect.Int, reflect.Int64:
		return "a whole number"
	}
	return "an object"
}

func plural(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "strings"
	case reflect.Struct, reflect.Map, reflect.Pointer:
		return "objects"
	}
	return "numbers"
}

// kind names what a value is; a number is shown, as it may be one out of range.
func kind(value []byte) string {
	switch value[0] {
	case '"':
		return "a string"
	case '{':
		return "an object"
	case '[':
		return "an array"
	case 't', 'f':
		return string(value)
	}
	if len(value) > 24 {
		return "a long number"
	}
	return string(value)
}
