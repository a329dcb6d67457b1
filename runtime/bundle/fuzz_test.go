package bundle

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	specs "github.com/opencontainers/runtime-spec/specs-go"
)

// FuzzParse: no panic; places lie in the file; what is accepted without a
// warning is what encoding/json makes of it.
func FuzzParse(f *testing.F) {
	for _, name := range []string{"default.json", "rootless.json", "overrides.json"} {
		raw, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	raw, _ := json.Marshal(full())
	f.Add(raw)
	for _, small := range []string{
		`{}`, `null`, `{"root":{"path":"a"}}`, `{"root":{"path":"a"},"root":null}`, `{"mounts":[{"options":["ro"]}]}`,
		`{"linux":{"sysctl":{"a":"b"}}}`, `{"linux":{"resources":{"memory":{"limit":-1,"swappiness":60}}}}`,
		`{"process":{"user":{"uid":1,"umask":18}}}`, `{"hooks":{"poststop":[{"timeout":5}]}}`, "{\n\"x\":1,}",
	} {
		f.Add([]byte(small))
	}
	f.Add([]byte(`{"Process": {}, "mounts": [{"x": 1}, null], "process": {"args": "a"}`))
	f.Add([]byte(`{"annotations": {"\u0061": "\ud800", "a": "b"}, "hooks": {"prestart": [[]]}}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		spec, warnings, err := parse[specs.Spec](raw)
		for _, w := range warnings {
			inside(t, raw, w.Line, w.Column)
		}
		var place *ParseError
		if errors.As(err, &place) {
			inside(t, raw, place.Line, place.Column)
			return
		}
		if err != nil {
			t.Fatalf("%v is no ParseError", err)
		}
		Check(spec)
		frozen(t, spec)
		if len(warnings) > 0 {
			return
		}
		want := new(specs.Spec)
		if err := json.Unmarshal(raw, want); err != nil {
			t.Fatalf("accepted, but encoding/json says %v", err)
		}
		if !reflect.DeepEqual(spec, want) {
			t.Errorf("got %+v, want %+v", spec, want)
		}
	})
}

// frozen fails unless Freeze and encoding/json agree.
func frozen(t *testing.T, spec *specs.Spec) {
	t.Helper()
	got, err := Freeze(spec)
	if err != nil {
		t.Fatal(err)
	}
	var want bytes.Buffer
	e := json.NewEncoder(&want)
	e.SetEscapeHTML(false)
	if err := e.Encode(spec); err != nil {
		t.Fatal(err)
	}
	if string(got) != strings.TrimSuffix(want.String(), "\n") {
		t.Errorf("got  %s\nwant %s", got, &want)
	}
}

// inside fails unless there is such a place in raw, or just behind its end.
func inside(t *testing.T, raw []byte, line, column int) {
	t.Helper()
	lines := bytes.Split(raw, []byte{'\n'})
	if line < 1 || line > len(lines) || column < 1 || column > len(lines[line-1])+1 {
		t.Errorf("%d:%d is not in the file", line, column)
	}
}

func FuzzSize(f *testing.F) {
	for _, s := range []string{"32m", "1.5GiB", "max", "-1", "0", "9223372036854775808", ".k"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if n, err := ParseSize(s); err == nil && n < 1 && n != unlimited {
			t.Errorf("ParseSize(%q) = %d", s, n)
		}
		if n, err := quota(s); err == nil && n < 1000 && n != unlimited {
			t.Errorf("quota(%q) = %d", s, n)
		}
		if n, err := count(s); err == nil && n < 1 && n != unlimited {
			t.Errorf("count(%q) = %d", s, n)
		}
	})
}

func FuzzVolume(f *testing.F) {
	for _, s := range []string{"/a:/b:ro", "a:/b/../..", ":", "a:b:c:d", "/a:/b:,", "x://y"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		m, err := volume(s, "/here", len(s)%2 == 0)
		if err != nil {
			return
		}
		for _, path := range []string{m.Source, m.Destination} {
			if !filepath.IsAbs(path) || strings.ContainsRune(path, 0) {
				t.Errorf("volume(%q): path %q", s, path)
			}
		}
		if filepath.Clean(m.Destination) == "/" || strings.Contains(m.Destination, "..") && filepath.Clean(m.Destination) != m.Destination {
			t.Errorf("volume(%q): destination %q", s, m.Destination)
		}
		if slices.Contains(m.Options, "ro") || slices.Contains(m.Options, "") {
			t.Errorf("volume(%q): options %q", s, m.Options)
		}
	})
}

// FuzzUser: an id that the kernel takes for "no change", or a number that became
// someone else, must not come out.
func FuzzUser(f *testing.F) {
	f.Add("web:tape", []byte("web:x:33:44::/:\n"), []byte("tape:x:7:web\n"))
	f.Add("1000", []byte("1000:x:0:0::/:\n"), []byte("a:x:4294967295:1000\n"))
	f.Add("-1:+1", []byte(":::"), []byte("\n"))
	f.Fuzz(func(t *testing.T, s string, passwd, group []byte) {
		u, err := User(s, fstest.MapFS{"etc/passwd": {Data: passwd}, "etc/group": {Data: group}})
		if err != nil {
			return
		}
		if slices.Contains(append(u.AdditionalGids, u.UID, u.GID), 1<<32-1) {
			t.Errorf("User(%q) = %+v", s, u)
		}
		name, _, _ := strings.Cut(s, ":")
		if n, numeric, _ := id(name); numeric && n != u.UID {
			t.Errorf("User(%q) = %+v", s, u)
		}
	})
}

func FuzzSetenv(f *testing.F) {
	f.Add("A=1", "A=2\nB")
	f.Add("A", "A")
	f.Fuzz(func(t *testing.T, flag, environ string) {
		env := strings.Split(environ, "\n")
		if err := setenv(&env, flag, []string{"A=caller"}); err != nil {
			return
		}
		name, _, set := strings.Cut(flag, "=")
		if set && env[len(env)-1] != flag {
			t.Errorf("setenv(%q): got %q", flag, env)
		}
		n := 0
		for _, e := range env {
			if strings.HasPrefix(e, name+"=") {
				n++
			}
		}
		if set && n != 1 {
			t.Errorf("setenv(%q): %d of that name in %q", flag, n, env)
		}
	})
}
