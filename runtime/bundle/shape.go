package bundle

import (
	"reflect"
	"slices"
	"strings"
	"sync"
)

// A member is one JSON key of a struct of the specification.
type member struct {
	name  string
	index []int // for reflect.Value.FieldByIndex
	omit  bool  // an empty value is left out (omitempty)
}

// shapes remembers the members of each struct type met, for all that follows in
// this process: a document that was decoded is then looked through, and perhaps
// written. encoding/json prepares every type that specs.Spec can reach before it
// decodes the first byte (1 ms in a fresh process, Windows' and VMs' included);
// this prepares only what the document at hand contains.
var shapes struct {
	sync.Mutex
	of map[reflect.Type][]member
}

// membersOf gives the members of a struct type.
func membersOf(t reflect.Type) []member {
	shapes.Lock()
	defer shapes.Unlock()
	m, ok := shapes.of[t]
	if !ok {
		if shapes.of == nil {
			shapes.of = make(map[reflect.Type][]member, 32)
		}
		m = members(t, nil)
		shapes.of[t] = m
	}
	return m
}

// members lists the JSON keys of t; those of an embedded struct count as its own.
func members(t reflect.Type, at []int) []member {
	list := make([]member, 0, t.NumField())
	for i := range t.NumField() {
		f := t.Field(i)
		index := f.Index
		if len(at) > 0 {
			index = slices.Concat(at, index)
		}
		tag, flags := jsonTag(f.Tag)
		switch {
		case f.Anonymous && tag == "":
			list = append(list, members(f.Type, index)...)
		default:
			list = append(list, member{tag, index, flags == "omitempty"})
		}
	}
	return list
}

// jsonTag is Tag.Get("json") for tags that begin with it and escape nothing, as all of
// the specification do, in a quarter of the time.
func jsonTag(tag reflect.StructTag) (name, flags string) {
	text, _ := strings.CutPrefix(string(tag), `json:"`)
	text, _, _ = strings.Cut(text, `"`)
	name, flags, _ = strings.Cut(text, ",")
	return name, flags
}

// find is the place of the member of that name, exactly so spelled, or -1.
func find(list []member, name []byte) int {
	for i := range list {
		if list[i].name == string(name) {
			return i
		}
	}
	return -1
}

// sorted is the keys of a map with string keys, in order.
func sorted(m reflect.Value) []reflect.Value {
	keys := m.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
	return keys
}
