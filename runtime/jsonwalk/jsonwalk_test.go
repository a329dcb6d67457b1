package jsonwalk

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

// samples are well formed and not, by one byte often.
var samples = []string{
	``, ` `, `{}`, `[]`, ` [ ] `, `{"a":1}`, `{"a" : [ 1 , {} ] , "b":null}`, `[1,]`, `{"a":1,}`, `{,}`, `[,]`, `{"a"}`, `{1:2}`, `{"a":}`, `[}`, `{]`,
	`[1 2]`, `[[]`, `[]]`, `{}{}`, `nul`, `null`, `nulll`, `true`, `tru`, `false`, `False`, `[null,true,false]`, `[nulltrue]`,
	`0`, `-0`, `-`, `01`, `-01`, `1.`, `.5`, `1.5`, `1e`, `1e5`, `1E+5`, `1e-05`, `1e+`, `0e0`, `0x1`, `+1`, `1.5e3.5`, `--1`, `[1.0e1,-2]`,
	`""`, `"`, `"a`, `"\""`, `"\\"`, `"\u00e9"`, `"\u00g0"`, `"\u00"`, `"\u"`, `"\x"`, `"\b\f\n\r\t\/"`, "\"\x1f\"", "\"\x7f\"", "\"\xff\"", "\"a\nb\"", `"\`,
	"\xef\xbb\xbf{}", "\x00", "[\v]", "\t\r\n {}\n", `/**/{}`,
	strings.Repeat("[", 10000) + strings.Repeat("]", 10000), strings.Repeat("[", 10001) + strings.Repeat("]", 10001),
	strings.Repeat(`{"a":`, 9999) + "{}" + strings.Repeat("}", 9999), strings.Repeat(`{"a":`, 10000) + "{}" + strings.Repeat("}", 10000),
}

func TestValid(t *testing.T) {
	for _, s := range samples {
		if got := Valid([]byte(s)); got != json.Valid([]byte(s)) {
			t.Errorf("%.40q: %v", s, got)
		}
	}
}

// FuzzValid: encoding/json takes the same for well formed.
func FuzzValid(f *testing.F) {
	for _, s := range samples {
		if len(s) < 100 { // or it is slow
			f.Add([]byte(s))
		}
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		if got := Valid(raw); got != json.Valid(raw) {
			t.Errorf("%.99q: %v", raw, got)
		}
	})
}

// FuzzSkip: the functions over well-formed JSON end, and in bounds, even on
// what is not.
func FuzzSkip(f *testing.F) {
	f.Add([]byte(`{"a": [1, "b\"", {}], "c": null}`))
	f.Add([]byte(`"\`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		end := Skip(raw, 0)
		if end < 0 || end > len(raw) {
			t.Errorf("Skip ends at %d of %d", end, len(raw))
		}
		if json.Valid(raw) && len(bytes.TrimSpace(raw[end:])) > 0 {
			t.Errorf("Skip leaves %q of %q", raw[end:], raw)
		}
	})
}
