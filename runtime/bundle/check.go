package bundle

import (
	"errors"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"

	specs "github.com/opencontainers/runtime-spec/specs-go"
)

// Finding is a setting that mini does not apply as it stands.
type Finding struct {
	Field   string // JSON pointer, with indices and keys
	Verdict Verdict
	Text    string // why, and what to do instead
}

// String is the finding as a line of text.
func (f Finding) String() string { return f.Field + ": " + f.Text }

// Err is the finding as an error.
func (f Finding) Err() error { return &FieldError{Field: f.Field, Err: errors.New(f.Text)} }

// Check finds what in a configuration is refused or warned about, in the order
// of the table of fields, and after that what is missing or makes no sense and
// belongs to no package that would say so.
//
// Zero and empty values are no settings, since engines send them for "not set";
// -1 neither, signed or not, which is how cgroup v1 and docker write "no limit".
func Check(spec *specs.Spec) []Finding {
	var c checker
	for _, f := range fields(func(v Verdict) bool { return v != Applied }) {
		if c.told(f.Pointer) {
			continue
		}
		before := len(c.findings)
		c.field = f
		c.walk(reflect.ValueOf(spec).Elem(), "", f.Pointer)
		if len(c.findings) > before {
			c.done = append(c.done, f.Pointer+"/")
		}
	}
	return append(c.findings, rules(spec)...)
}

type checker struct {
	field    Field    // the row at hand
	done     []string // rows that found something
	findings []Finding
}

// told says whether an object around the field was reported already: what is in
// it needs no line of its own.
func (c *checker) told(pointer string) bool {
	return slices.ContainsFunc(c.done, func(object string) bool { return strings.HasPrefix(pointer, object) })
}

// walk follows pattern down from v, which is at pointer, and notes each value
// that is set where it ends.
func (c *checker) walk(v reflect.Value, pointer, pattern string) {
	if unset(v) {
		return
	}
	if pattern == "" {
		c.findings = append(c.findings, Finding{pointer, c.field.Verdict, c.field.By})
		return
	}
	v = reflect.Indirect(v)
	head, rest, deeper := strings.Cut(pattern[1:], "/")
	if deeper {
		rest = "/" + rest
	}
	switch v.Kind() {
	case reflect.Struct:
		known := membersOf(v.Type())
		if n := find(known, []byte(head)); n >= 0 {
			c.walk(v.FieldByIndex(known[n].index), pointer+"/"+head, rest)
		}
	case reflect.Slice:
		for i := range v.Len() {
			c.walk(v.Index(i), pointer+"/"+strconv.Itoa(i), rest)
		}
	case reflect.Map:
		for _, k := range sorted(v) {
			c.walk(v.MapIndex(k), pointer+"/"+escape(k.String()), rest)
		}
	}
}

// unset says whether v, whatever is in it, asks for nothing.
func unset(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		return v.IsNil() || unset(v.Elem())
	case reflect.Slice, reflect.Map:
		return v.Len() == 0
	case reflect.Struct:
		for i := range v.NumField() {
			if !unset(v.Field(i)) {
				return false
			}
		}
		return true
	}
	return v.IsZero() || v.CanInt() && v.Int() == -1 || v.CanUint() && v.Uint() == math.MaxUint64
}
