package checks

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// FuzzParse: no panic; an error says where, in the file; what is accepted is
// complete, within bounds, and survives a trip through JSON.
func FuzzParse(f *testing.F) {
	for _, pattern := range []string{"../../examples/health/*.json", "testdata/*.json"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			f.Fatalf("%s: %q, %v", pattern, files, err)
		}
		for _, file := range files {
			raw, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(raw)
		}
	}
	for _, small := range []string{`{}`, `null`, `[`, `{"checks": [{"notify": {}}, null]}`, "{\"a\":\n\"\\ud800\"}", `{"onFailure": 1e9}`} {
		f.Add([]byte(small))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		spec, err := Parse(raw)
		if err == nil {
			sound(t, spec)
			return
		}
		var e *Error
		if !errors.As(err, &e) {
			t.Fatalf("%v is no *Error", err)
		}
		lines := strings.Split(string(raw), "\n")
		if len(raw) <= maxSize && (e.Line < 1 || e.Line > len(lines) || e.Column < 1 || e.Column > len(lines[e.Line-1])+1) {
			t.Errorf("%v: no such place in %q", err, raw)
		}
	})
}

// sound fails unless a Spec that was given out is what it is promised to be.
func sound(t *testing.T, spec *Spec) {
	t.Helper()
	same(t, spec)
	names := map[string]bool{}
	for _, c := range spec.Checks {
		if c.Name == "" || names[c.Name] || len(c.kinds()) != 1 {
			t.Errorf("check %q: %v", c.Name, c.kinds())
		}
		names[c.Name] = true
		if !c.Push() && (c.Interval < 1e6 || c.Timeout < 1e6) || c.Push() && (c.Interval != 0 || c.Timeout != 0) {
			t.Errorf("check %q: interval %v, time-out %v", c.Name, c.Interval, c.Timeout)
		}
		if c.Delay < 0 || c.Grace < 0 || c.Every() < 0 || c.Failures < 1 || c.Successes < 1 {
			t.Errorf("check %q: %+v", c.Name, c)
		}
		if c.HTTP != nil && strings.ContainsAny(c.HTTP.URL+c.HTTP.Method, "\r\n") {
			t.Errorf("check %q: %q", c.Name, c.HTTP.URL)
		}
	}
}

// FuzzAnnotations: no panic; errors point to an annotation; what others' Annotation
// begins with is not looked at.
func FuzzAnnotations(f *testing.F) {
	f.Add("run.mini.health", `{"checks": [{"notify": {}}]}`, "x", "")
	f.Add("run.mini.health.web.http.url", "http://127.0.0.1:80", "run.mini.health.web.http.headers.A.b", "c")
	f.Add("run.mini.health.web.exec.args", `["a"]`, "run.mini.health.web.exec", `{"args": null}`)
	f.Add("run.mini.health.onFailure", "kill", "run.mini.health.startup.notify", "{}")
	f.Add("run.mini.health...", "null", "run.mini.health.a.checks.b.c", "[[]]")
	f.Fuzz(func(t *testing.T, key, value, key2, value2 string) {
		spec, err := FromAnnotations(map[string]string{key: value, key2: value2})
		if spec != nil {
			sound(t, spec)
		}
		var e *Error
		if err != nil && (!errors.As(err, &e) || !strings.HasPrefix(e.Field, "/annotations/"+Annotation)) {
			t.Errorf("%v: does not point to an annotation", err)
		}
	})
}

func FuzzDocker(f *testing.F) {
	f.Add([]byte(`{"Test": ["CMD-SHELL", "a"], "Interval": 1, "Retries": 3}`))
	f.Add([]byte(`{"Test": ["CMD", "a"], "StartPeriod": 60000000000, "StartInterval": 1000000, "Interval": 31536000000000000, "Retries": 1000000000}`))
	f.Add([]byte(`{"Test": ["NONE"]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		d, err := ParseDocker(raw)
		if err != nil {
			return
		}
		spec, err := d.Spec()
		if err == nil && spec != nil {
			sound(t, spec)
			if last := spec.Checks[len(spec.Checks)-1]; last.Exec.Args[len(last.Exec.Args)-1] != d.Test[len(d.Test)-1] {
				t.Errorf("%q became %q", d.Test, last.Exec.Args)
			}
		}
	})
}

func FuzzStatuses(f *testing.F) {
	for _, s := range []string{"200-399", "200,404", " 200 , 201-202", "+200", "1-2-3", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := ParseStatuses(text)
		if err != nil {
			return
		}
		again, err := ParseStatuses(s.String())
		if err != nil || again.String() != s.String() {
			t.Errorf("%q became %v, then %v, %v", text, s, again, err)
		}
		for _, r := range s {
			if !s.Has(r.From) || !s.Has(r.To) || r.From < 100 || r.To > 599 {
				t.Errorf("%q: range %v", text, r)
			}
		}
	})
}

func TestStatuses(t *testing.T) {
	s, err := ParseStatuses("200-204, 404")
	if err != nil || s.String() != "200-204,404" {
		t.Fatalf("got %v, %v", s, err)
	}
	for status, want := range map[int]bool{199: false, 200: true, 204: true, 205: false, 404: true, 0: false} {
		if s.Has(status) != want {
			t.Errorf("%v has %d: %v", s, status, !want)
		}
	}
	for status, want := range map[int]bool{101: false, 200: true, 399: true, 400: false} {
		if Statuses(nil).Has(status) != want {
			t.Errorf("the default has %d: %v", status, !want)
		}
	}
}

func TestDurationText(t *testing.T) {
	raw, err := Duration(90 * time.Second).MarshalText()
	if err != nil || string(raw) != "1m30s" {
		t.Errorf("got %s, %v", raw, err)
	}
}
