package bundle

import (
	"errors"
	"fmt"
	"reflect"

	"mini/runtime/jsonwalk"
)

// mismatch is the error for a value at i that is not of type t.
func (d *decoder) mismatch(i int, t reflect.Type) error {
	found := d.raw[i:jsonwalk.Skip(d.raw, i)]
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
