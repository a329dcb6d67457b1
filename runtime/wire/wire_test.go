package wire

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// everything has each kind that crosses.
type everything struct {
	B       bool
	I       int
	I8      int8
	U64     uint64
	S       string
	P, Nil  *int
	L       []string
	Empty   []string
	Bytes   []byte
	A       [2]uint16
	M       map[string]*int
	Inner   struct{ X int32 }
	Left    string `wire:"-"`
	private int
}

func TestRoundTrip(t *testing.T) {
	n := -7
	want := everything{
		B: true, I: -1 << 62, I8: -128, U64: 1<<64 - 1, S: "é\x00", P: &n, L: []string{"", "a"}, Empty: []string{},
		Bytes: []byte{0, 255}, A: [2]uint16{1, 65535}, M: map[string]*int{"a": &n, "b": nil}, Left: "x", private: 1,
	}
	want.Inner.X = 5
	b, err := Append([]byte{9}, want)
	if err != nil || b[0] != 9 {
		t.Fatal(err)
	}
	var got everything
	if err := Read(b[1:], &got); err != nil {
		t.Fatal(err)
	}
	want.Left, want.private = "", 0
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// TestSpec: whatever the specification has for Linux crosses as JSON would.
func TestSpec(t *testing.T) {
	var want specs.Spec
	fill(reflect.ValueOf(&want).Elem(), 0)
	want.Windows, want.VM = nil, nil
	b, err := Append(nil, want)
	if err != nil {
		t.Fatal(err)
	}
	var got specs.Spec
	if err := Read(b, &got); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Error("what came out is not what went in")
	}
	there, _ := json.Marshal(got)
	if here, err := json.Marshal(want); err != nil || string(here) != string(there) || len(here) < 4000 {
		t.Errorf("as JSON it is another: %v, %d bytes", err, len(here))
	}
}

// fill sets all that v can hold.
func fill(v reflect.Value, depth int) {
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(true)
	case reflect.String:
		v.SetString("x")
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), depth+1)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fill(v.Index(1), depth+1)
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		element := reflect.New(v.Type().Elem()).Elem()
		fill(element, depth+1)
		v.SetMapIndex(reflect.ValueOf("k").Convert(v.Type().Key()), element)
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), depth+1)
		}
	case reflect.Interface:
	default:
		v.Set(reflect.ValueOf(3).Convert(v.Type()))
	}
}

func TestErrors(t *testing.T) {
	for _, v := range []any{struct{ F func() }{}, struct{ C chan int }{}, struct{ A any }{A: 1}, []any{2}} {
		if _, err := Append(nil, v); err == nil || !strings.Contains(err.Error(), "cannot cross") {
			t.Errorf("%T: %v", v, err)
		}
	}
	whole, err := Append(nil, everything{S: "abc", L: []string{"d"}})
	if err != nil {
		t.Fatal(err)
	}
	for n := range whole {
		if Read(whole[:n], new(everything)) == nil {
			t.Errorf("the first %d of %d bytes are taken for the whole", n, len(whole))
		}
	}
	if Read(append(whole, 0), new(everything)) == nil {
		t.Error("a byte too many is no error")
	}
}

// FuzzRead: a broken message is an error, and costs no more memory than it is
// long.
func FuzzRead(f *testing.F) {
	n := 1
	whole, _ := Append(nil, everything{S: "abc", P: &n, L: []string{"d"}, M: map[string]*int{"k": &n}})
	f.Add(whole)
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0x0f})
	f.Fuzz(func(t *testing.T, b []byte) {
		var v everything
		if Read(b, &v) != nil {
			return
		}
		again, err := Append(nil, v)
		if err != nil {
			t.Fatal(err)
		}
		var w everything
		if err := Read(again, &w); err != nil || !reflect.DeepEqual(v, w) {
			t.Errorf("%v: %+v, %+v", err, v, w)
		}
	})
}
