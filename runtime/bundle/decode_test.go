package bundle

import (
	"encoding/json"
	"os"
	"reflect"
	"strconv"
	"strings"
	"testing"

	specs "github.com/opencontainers/runtime-spec/specs-go"
)

func itoa(n int) string { return strconv.Itoa(n) }

// full is a configuration with every field of the specification set.
func full() *specs.Spec {
	spec := new(specs.Spec)
	fill(reflect.ValueOf(spec).Elem())
	return spec
}

func fill(v reflect.Value) {
	switch {
	case v.Kind() == reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem())
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i))
		}
	case v.Kind() == reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fill(v.Index(0))
		fill(v.Index(1))
	case v.Kind() == reflect.Map:
		element := reflect.New(v.Type().Elem()).Elem()
		fill(element)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(reflect.ValueOf("k/1").Convert(v.Type().Key()), element)
	case v.Kind() == reflect.String:
		v.SetString("täxt \"<&>\" \u2028")
	case v.Kind() == reflect.Bool:
		v.SetBool(true)
	case v.CanInt():
		v.SetInt(-7)
	case v.CanUint():
		v.SetUint(7)
	case v.Kind() == reflect.Interface:
		v.Set(reflect.ValueOf(map[string]any{"a": []any{1.5, nil}}))
	}
}

// The decoder must agree with encoding/json wherever that is exact.
func TestDecodeAgreesWithJSON(t *testing.T) {
	compact, err := json.Marshal(full())
	if err != nil {
		t.Fatal(err)
	}
	indented, err := Encode(full())
	if err != nil {
		t.Fatal(err)
	}
	documents := map[string]string{
		"every field": string(compact),
		"indented":    string(indented),
		"empty lists": `{"mounts": [], "process": {"args": [], "env": null}, "annotations": {}, "linux": {"sysctl": {}}}`,
		"null":        `{"process": null, "hostname": null, "mounts": [null], "linux": {"netDevices": {"a": null}}}`,
		"escapes":     `{"\u0070rocess": {"args": ["\u0041\ud834\udd1e\n\"\\", "\ud800"]}}`,
		"numbers":     `{"linux": {"resources": {"cpu": {"shares": 18446744073709551615, "quota": -9223372036854775808}}}}`,
		"white space": " \n{ \t\"root\" :\r\n{ \"path\" : \"a\" , \"readonly\" : true } }\n ",
		"not UTF-8":   "{\"hostname\": \"a\xffb\", \"annotations\": {\"\xff\": \"\"}}",
	}
	for name, raw := range documents {
		t.Run(name, func(t *testing.T) {
			agree(t, []byte(raw))
			_, warnings, err := parse[specs.Spec]([]byte(raw))
			if err != nil || len(warnings) > 0 {
				t.Errorf("got %v and %v, want no error and no warning", err, warnings)
			}
		})
	}
}

func agree(t *testing.T, raw []byte) {
	t.Helper()
	want := new(specs.Spec)
	if err := json.Unmarshal(raw, want); err != nil {
		t.Fatal(err)
	}
	got, err := Decode(raw)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		g, _ := json.Marshal(got)
		w, _ := json.Marshal(want)
		t.Errorf("got  %s\nwant %s", g, w)
	}
}

// The decoder's shortcuts hold for the specification's types as they are now.
func TestTypesOfTheSpecification(t *testing.T) {
	visit(reflect.TypeFor[specs.Spec](), func(typ reflect.Type) {
		switch typ.Kind() {
		case reflect.Float32, reflect.Array, reflect.Chan, reflect.Func, reflect.Complex64, reflect.Complex128:
			t.Errorf("%v is of a kind that the decoder does not know", typ)
		case reflect.Struct:
			if typ.NumField() > 64 {
				t.Errorf("%v has more than 64 fields", typ)
			}
			for f := range typ.Fields() {
				name, flags := jsonTag(f.Tag)
				if got, _ := strings.CutSuffix(name+","+flags, ","); got != f.Tag.Get("json") {
					t.Errorf("%v.%s: %q of %q", typ, f.Name, got, f.Tag)
				}
			}
		case reflect.Map:
			if typ.Key().Kind() != reflect.String {
				t.Errorf("%v has keys that are no strings", typ)
			}
		case reflect.Slice:
			if typ.Elem().Kind() == reflect.Uint8 {
				t.Errorf("%v is base64 to encoding/json", typ)
			}
		}
		if reflect.PointerTo(typ).Implements(reflect.TypeFor[json.Unmarshaler]()) {
			t.Errorf("%v decodes itself", typ)
		}
	})
}

func visit(t reflect.Type, f func(reflect.Type)) {
	f(t)
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		visit(t.Elem(), f)
	case reflect.Struct:
		for i := range t.NumField() {
			visit(t.Field(i).Type, f)
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	raw, err := os.ReadFile("testdata/default.json")
	if err != nil {
		b.Fatal(err)
	}
	b.Run("mini", func(b *testing.B) {
		for b.Loop() {
			if _, err := Decode(raw); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("json", func(b *testing.B) {
		for b.Loop() {
			if err := json.Unmarshal(raw, new(specs.Spec)); err != nil {
				b.Fatal(err)
			}
		}
	})
}
