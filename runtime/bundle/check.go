package bundle

import (
	"errors"
	"fmt"
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
	c := checker{shapes: make(shapes, 32)}
	for _, f := range Fields() {
		if f.Verdict == Applied || c.told(f.Pointer) {
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
	shapes   shapes
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
		known := c.shapes.of(v.Type())
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

// rules holds for a configuration as a whole. What a package checks of its own
// part, when it plans, is not here.
func rules(spec *specs.Spec) []Finding {
	var r ruling
	if spec.Root == nil {
		r.refuse("/root", "missing: it says which directory becomes the container's root")
	} else if spec.Root.Path == "" {
		r.refuse("/root/path", "empty: it is the directory that becomes the container's root")
	}
	if spec.Process == nil {
		r.refuse("/process", "missing: it says what to run")
	} else {
		r.process(spec.Process)
	}
	for i, m := range spec.Mounts {
		if m.Destination == "" {
			r.refuse(fmt.Sprintf("/mounts/%d/destination", i), "empty: it is the mount's place in the container")
		}
	}
	return r
}

type ruling []Finding

func (r *ruling) refuse(field, format string, args ...any) {
	*r = append(*r, Finding{field, Refused, fmt.Sprintf(format, args...)})
}

func (r *ruling) process(p *specs.Process) {
	switch {
	case len(p.Args) == 0:
		r.refuse("/process/args", "empty: its first element is the program to run")
	case p.Args[0] == "":
		r.refuse("/process/args/0", "empty: it is the program to run")
	}
	switch {
	case p.Cwd == "":
		r.refuse("/process/cwd", "empty: the specification requires it; / is always there")
	case p.Cwd[0] != '/':
		r.refuse("/process/cwd", "%q is relative; it must begin with /", p.Cwd)
	}
	if p.User.Umask != nil && *p.User.Umask > 0o777 {
		r.refuse("/process/user/umask", "%#o has bits that a umask has not; the largest is 0777, in JSON the decimal 511", *p.User.Umask)
	}
	const none = 1<<32 - 1 // (uid_t)-1 means "leave it" to setresuid(2)
	if p.User.UID == none {
		r.refuse("/process/user/uid", "%d is no user: the kernel takes it for no change", p.User.UID)
	}
	if p.User.GID == none {
		r.refuse("/process/user/gid", "%d is no group: the kernel takes it for no change", p.User.GID)
	}
}
