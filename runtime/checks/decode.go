package checks

import (
	"reflect"
	"strconv"
	"strings"
	"time"
)

// fill sets v from a node. v is made of structs with json tags, pointers to them,
// lists, maps of strings, strings, numbers, Duration and Statuses. A tag least is
// the smallest value that may be given. null is as if it was not there.
func fill(v reflect.Value, n *node) (err error) {
	if n.kind == null {
		return nil
	}
	if v.Kind() == reflect.Pointer {
		v.Set(reflect.New(v.Type().Elem()))
		return fill(v.Elem(), n)
	}
	want := wanted(v.Type())
	if n.kind == loose {
		if n, err = n.tighten(want); err != nil {
			return err
		}
	}
	switch {
	case n.kind != want:
		return n.fail("expected %s, found %s", want, n.kind)
	case v.Kind() == reflect.Struct:
		return fillStruct(v, n)
	case want == object:
		return fillMap(v, n)
	case want == list:
		return fillList(v, n)
	case want == number:
		return fillNumber(v, n)
	}
	return fillText(v, n)
}

// wanted is the kind of node that fills a value.
func wanted(t reflect.Type) kind {
	switch {
	case t == reflect.TypeFor[Duration](), t == reflect.TypeFor[Statuses](), t.Kind() == reflect.String:
		return text
	case t.Kind() == reflect.Slice:
		return list
	case t.Kind() == reflect.Struct, t.Kind() == reflect.Map:
		return object
	}
	return number
}

func fillStruct(v reflect.Value, n *node) error {
	seen := map[string]bool{}
	for i, key := range n.keys {
		field, known := member(v.Type(), key)
		switch below := n.below[i]; {
		case !known:
			return below.fail("unknown%s", suggest(key, members(v.Type())))
		case seen[key]:
			return below.fail("given twice")
		default:
			seen[key] = true
			if err := fill(v.FieldByIndex(field.Index), below); err != nil {
				return err
			}
			if err := enough(v.FieldByIndex(field.Index), field, below); err != nil {
				return err
			}
		}
	}
	return nil
}

// enough holds a value that was given against its field's tag.
func enough(v reflect.Value, field reflect.StructField, n *node) error {
	tag, has := field.Tag.Lookup("least")
	if !has || n.kind == null {
		return nil
	}
	var least int64
	if d, err := time.ParseDuration(tag); err == nil {
		least = int64(d)
	} else if least, err = strconv.ParseInt(tag, 10, 64); err != nil {
		return err
	}
	if v.Int() < least {
		return n.fail("%v: at least %s", v.Interface(), tag)
	}
	return nil
}

// An empty map or list stays nil: it says nothing.
func fillMap(v reflect.Value, n *node) error {
	if len(n.keys) == 0 {
		return nil
	}
	v.Set(reflect.MakeMap(v.Type()))
	for i, key := range n.keys {
		k := reflect.ValueOf(key)
		if v.MapIndex(k).IsValid() {
			return n.below[i].fail("given twice")
		}
		element := reflect.New(v.Type().Elem()).Elem()
		if err := fill(element, n.below[i]); err != nil {
			return err
		}
		v.SetMapIndex(k, element)
	}
	return nil
}

func fillList(v reflect.Value, n *node) error {
	if len(n.below) == 0 {
		return nil
	}
	v.Set(reflect.MakeSlice(v.Type(), len(n.below), len(n.below)))
	for i, below := range n.below {
		if err := fill(v.Index(i), below); err != nil {
			return err
		}
	}
	return nil
}

func fillNumber(v reflect.Value, n *node) error {
	i, err := strconv.ParseInt(n.text, 10, v.Type().Bits())
	if err != nil {
		return n.fail("%s: not a whole number", shown(n.text))
	}
	v.SetInt(i)
	return nil
}

func fillText(v reflect.Value, n *node) error {
	switch to := v.Addr().Interface().(type) {
	case *Duration:
		d, err := time.ParseDuration(n.text)
		if err != nil || d < 0 {
			return n.fail("%s: not a time such as 500ms, 10s or 1m30s", shown(n.text))
		}
		*to = Duration(d)
	case *Statuses:
		s, err := ParseStatuses(n.text)
		if err != nil {
			return n.fail("%w", err)
		}
		*to = s
	default:
		v.SetString(n.text)
	}
	return nil
}

// shown quotes a text of the user's, in a readable length.
func shown(text string) string {
	const most = 60
	if len(text) > most {
		return strconv.Quote(strings.ToValidUTF8(text[:most], "")) + "…"
	}
	return strconv.Quote(text)
}

// member is the field of that JSON name, exactly so spelled.
func member(t reflect.Type, name string) (reflect.StructField, bool) {
	for field := range t.Fields() {
		if tag, _, _ := strings.Cut(field.Tag.Get("json"), ","); tag == name {
			return field, true
		}
	}
	return reflect.StructField{}, false
}

// members are the JSON names of a struct's fields.
func members(t reflect.Type) (names []string) {
	for field := range t.Fields() {
		tag, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		names = append(names, tag)
	}
	return names
}
