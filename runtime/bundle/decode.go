package bundle

import (
	"encoding/json"
	"reflect"
	"strconv"

	specs "github.com/opencontainers/runtime-spec/specs-go"

	"mini/runtime/jsonwalk"
)

// parse reads a document, which is all of a configuration or the process of one.
// It gives what json.Unmarshal gives, but only for keys that are spelled exactly;
// of a key given twice the last one counts.
func parse[T specs.Spec | specs.Process](raw []byte) (*T, []Warning, error) {
	if !jsonwalk.Valid(raw) {
		return nil, nil, broken(raw, json.Unmarshal(raw, new(json.RawMessage)))
	}
	d := decoder{raw: raw}
	document := new(T)
	start := jsonwalk.Space(raw, 0)
	if raw[start] != '{' {
		return nil, nil, d.mismatch(start, reflect.TypeFor[T]())
	}
	if _, err := d.value(start, reflect.ValueOf(document).Elem()); err != nil {
		return nil, nil, err
	}
	return document, d.warnings, nil
}

// A decoder fills values from a well-formed document.
type decoder struct {
	raw      []byte
	path     []step // from the root to the value at hand
	warnings []Warning
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
	end = jsonwalk.Skip(d.raw, i)
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
	known := membersOf(v.Type())
	var seen uint64 // bit n: known[n] was there; no struct has more than 64 members
	return jsonwalk.List(d.raw, i, func(at int) (int, error) {
		key, i := jsonwalk.Name(d.raw, at)
		d.path = append(d.path, step{key: key})
		defer d.leave()
		n := find(known, key)
		if n < 0 {
			d.unknown(at, known)
			return jsonwalk.Skip(d.raw, i), nil
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
	return jsonwalk.List(d.raw, i, func(i int) (int, error) {
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
	return jsonwalk.List(d.raw, i, func(at int) (int, error) {
		key, i := jsonwalk.Name(d.raw, at)
		d.path = append(d.path, step{key: key})
		defer d.leave()
		k := reflect.ValueOf(string(key)).Convert(v.Type().Key())
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
		v.SetString(jsonwalk.String(text))
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
