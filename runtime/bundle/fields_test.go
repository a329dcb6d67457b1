package bundle

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	specs "github.com/opencontainers/runtime-spec/specs-go"

	"mini/hack/golden"
)

// pointers calls f with the pattern of every JSON field below t.
func pointers(t reflect.Type, at string, f func(string)) {
	switch t.Kind() {
	case reflect.Pointer:
		pointers(t.Elem(), at, f)
	case reflect.Slice, reflect.Map:
		pointers(t.Elem(), at+"/*", f)
	case reflect.Struct:
		for i := range t.NumField() {
			field := t.Field(i)
			name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			below := at + "/" + name
			if field.Anonymous && name == "" {
				below = at
			} else {
				f(below)
			}
			pointers(field.Type, below, f)
		}
	}
}

func TestEveryFieldHasItsRow(t *testing.T) {
	rows, used := map[string]Field{}, map[string]bool{}
	for _, f := range Fields() {
		if _, twice := rows[f.Pointer]; twice {
			t.Errorf("%s has two rows", f.Pointer)
		}
		rows[f.Pointer] = f
	}
	pointers(reflect.TypeFor[specs.Spec](), "", func(p string) {
		for at := p; at != ""; at = at[:strings.LastIndexByte(at, '/')] {
			if row, ok := rows[at]; ok && (at == p || row.Subtree) {
				used[at] = true
				return
			}
		}
		t.Errorf("%s has no row", p)
	})
	for p := range rows {
		if !used[p] {
			t.Errorf("%s is no field of the specification", p)
		}
	}
}

func TestRowsAreComplete(t *testing.T) {
	all := Fields()
	objects := map[string]bool{} // fields that have fields
	for _, f := range all {
		parent := f.Pointer[:strings.LastIndexByte(f.Pointer, '/')]
		objects[strings.TrimSuffix(parent, "/*")] = true
	}
	for _, f := range all {
		switch {
		case f.Verdict != Applied && f.Verdict != Refused && f.Verdict != Warned:
			t.Errorf("%s: verdict %q", f.Pointer, f.Verdict)
		case f.By == "" && !objects[f.Pointer]:
			t.Errorf("%s: no word on who applies it", f.Pointer)
		}
	}
}

func TestFieldsGolden(t *testing.T) {
	var b strings.Builder
	for _, f := range Fields() {
		fmt.Fprintln(&b, strings.TrimSpace(fmt.Sprintf("%-7s %s  %s", f.Verdict, f.Pointer, f.By)))
	}
	golden.Compare(t, "fields.txt", b.String())
}
