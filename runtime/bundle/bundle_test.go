package bundle

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	specs "github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// write makes a bundle with that config.json.
func write(t *testing.T, config string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, ConfigName), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestLoadWithoutConfig(t *testing.T) {
	dir := t.TempDir()
	touch := func(name string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	mkdir := func(names ...string) string {
		path := filepath.Join(append([]string{dir}, names...)...)
		if err := os.MkdirAll(path, 0o700); err != nil {
			t.Fatal(err)
		}
		return path
	}
	mkdir("rootfs", "bin")
	mkdir("rootfs", "etc")
	mkdir("odd", ConfigName)
	if err := unix.Mkfifo(filepath.Join(mkdir("pipe"), ConfigName), 0o600); err != nil {
		t.Fatal(err)
	}
	huge := filepath.Join(mkdir("huge"), ConfigName)
	if err := os.WriteFile(huge, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(huge, maxConfig+1); err != nil {
		t.Fatal(err)
	}
	many := mkdir("many")
	for _, c := range "abcdefghij" {
		mkdir("many", string(c))
	}
	tests := map[string]struct {
		dir   string
		wants []string
		errno unix.Errno
	}{
		"no directory":   {filepath.Join(dir, "nope"), []string{"open bundle " + dir + "/nope: no such file"}, unix.ENOENT},
		"a file":         {touch("file"), []string{"/file: a bundle is a directory with a config.json in it"}, unix.ENOTDIR},
		"below a file":   {filepath.Join(dir, "file", "x"), []string{"/file/x: not a directory"}, unix.ENOTDIR},
		"empty":          {mkdir("empty"), []string{"no config.json in it, it is empty", "mini spec"}, unix.ENOENT},
		"a root":         {filepath.Join(dir, "rootfs"), []string{"no config.json in it, only ", "bin", "etc"}, unix.ENOENT},
		"many entries":   {many, []string{", … (mini spec"}, unix.ENOENT},
		"a directory":    {filepath.Join(dir, "odd"), []string{"read " + dir + "/odd/config.json: not a regular file"}, 0},
		"a FIFO":         {filepath.Join(dir, "pipe"), []string{"not a regular file"}, 0},
		"huge":           {filepath.Join(dir, "huge"), []string{"16777217 bytes, more than the 16777216"}, 0},
		"link in a loop": {loop(t, dir), []string{"open " + dir + "/loop/config.json: "}, unix.ELOOP},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := Load(tt.dir)
			if err == nil {
				t.Fatal("got no error")
			}
			for _, want := range tt.wants {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("got %q, want %q in it", err, want)
				}
			}
			if tt.errno != 0 && !errors.Is(err, tt.errno) {
				t.Errorf("got %v, want %v in its chain", err, tt.errno)
			}
		})
	}
}

func loop(t *testing.T, dir string) string {
	path := filepath.Join(dir, "loop")
	if err := os.Mkdir(path, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(ConfigName, filepath.Join(path, ConfigName)); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestLoadBroken(t *testing.T) {
	tests := map[string]struct{ config, want string }{
		"empty file":     {"", `:1:1: unexpected end of JSON input: the file is empty`},
		"brace too few":  {"{\n\t\"ociVersion\": \"1.0.0\"\n", `:2:23: unexpected end of JSON input: a brace, bracket or quote is not closed, in: "ociVersion": "1.0.0"`},
		"comma too many": {"{\n\t\"process\": {\n\t\t\"cwd\": \"/\",}\n}", `:3:14: invalid character '}' looking for beginning of object key string: the comma before it is one too many, in: "cwd": "/",}`},
		"colon missing":  {"{\"hostname\" \"a\"}", `:1:13: invalid character '"' after object key: a colon is missing before it`},
		"comma missing":  {"{\n \"hostname\": \"a\"\n \"ociVersion\": \"1.0\"}", `:3:2: invalid character '"' after object key:value pair: a comma is missing before it`},
		"comment":        {"{\n // hello\n}", `:2:2: invalid character '/' looking for beginning of object key string: JSON has no comments, in: // hello`},
		"byte order":     {"\ufeff{}", `:1:1: invalid character 'ï' looking for beginning of value: the file begins with a byte order mark`},
		"trailing data":  {"{\"ociVersion\": \"1.0.0\"}\n{}", `:2:1: invalid character '{' after top-level value, in: {}`},
		"column":         {`{"hostname": "äöü" x}`, `:1:20: invalid character 'x' after object key:value pair`},
		"long line":      {`{"annotations": {"a": "` + strings.Repeat("x", 500) + `" y}}`, `in: …` + strings.Repeat("x", 58) + `" y}}`},
		"not an object":  {"[1]", `:1:1: /: expected an object, found an array, in: [1]`},
		"null":           {" null", `:1:2: /: expected an object, found null`},
		"args":           {"{\"process\": {\n  \"args\": \"sh\"}}", `:2:11: /process/args: expected an array of strings, found a string, in: "args": "sh"}}`},
		"one arg":        {`{"process": {"args": ["a", 1]}}`, `:1:28: /process/args/1: expected a string, found 1`},
		"bool":           {`{"process": {"terminal": "yes"}}`, `/process/terminal: expected true or false, found a string`},
		"negative uid":   {`{"process": {"user": {"uid": -1}}}`, `/process/user/uid: expected a whole number from 0 to 4294967295, found -1`},
		"fraction":       {`{"linux": {"resources": {"memory": {"limit": 1.5}}}}`, `/linux/resources/memory/limit: expected a whole number, found 1.5`},
		"uint64":         {`{"linux": {"resources": {"cpu": {"shares": -5}}}}`, `expected a whole number, 0 or more, found -5`},
		"long number":    {`{"linux": {"resources": {"cpu": {"shares": 1` + strings.Repeat("0", 40) + `}}}}`, `found a long number`},
		"mounts":         {`{"mounts": {"destination": "/"}}`, `/mounts: expected an array of objects, found an object`},
		"gids":           {`{"process":{"user":{"additionalGids": 5}}}`, `expected an array of numbers, found 5`},
		"mount":          {`{"mounts": [{}, true]}`, `/mounts/1: expected an object, found true`},
		"map":            {`{"annotations": []}`, `/annotations: expected an object, found an array`},
		"map value":      {`{"linux": {"sysctl": {"net/a~b": 1}}}`, `/linux/sysctl/net~1a~0b: expected a string, found 1`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			dir := write(t, tt.config)
			_, err := Load(dir)
			if err == nil {
				t.Fatal("got no error")
			}
			if got := strings.TrimPrefix(err.Error(), filepath.Join(dir, ConfigName)); !strings.Contains(got, tt.want) {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			var place *ParseError
			if !errors.As(err, &place) || place.Path != filepath.Join(dir, ConfigName) || place.Line < 1 {
				t.Errorf("got %#v, want a *ParseError with path and line", err)
			}
		})
	}
}

func TestLoadVersion(t *testing.T) {
	tests := map[string]string{
		`"1.0.0"`: "", `"1.0.2-dev"`: "", `"1.3.0"`: "", `"1.9.1+x"`: "",
		`""`:        "missing",
		`"0.5.0"`:   "before the first release",
		`"2.0.0"`:   "newer than mini",
		`"10.0"`:    "newer than mini",
		`"1"`:       "is not a version",
		`"v1.0.0"`:  "is not a version",
		`"rubbish"`: "is not a version",
	}
	for version, want := range tests {
		_, err := Load(write(t, `{"ociVersion": `+version+`}`))
		switch {
		case want == "" && err != nil:
			t.Errorf("%s: %v", version, err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), "/ociVersion: ") || !strings.Contains(err.Error(), want)):
			t.Errorf("%s: got %v, want /ociVersion and %q", version, err, want)
		}
	}
	_, err := Load(write(t, "{}"))
	var field *FieldError
	if !errors.As(err, &field) || field.Pointer() != "/ociVersion" {
		t.Errorf("got %v, want a *FieldError of /ociVersion", err)
	}
}

func TestLoadWarnings(t *testing.T) {
	const config = `{
	"ociVersion": "1.0.0",
	"Process": {"args": ["x"]},
	"process": {"agrs": ["sh"], "cwd": "/", "user": {"UID": 7}},
	"memory": {"limit": 5},
	"hostname": "a", "hostname": "b",
	"x-note": {"anything": [1, {"deep": null}]},
	"annotations": {"any": "thing", "a/b": "1", "a/b": "2"},
	"linux": {
		"sysctl": {"net.x": "1"},
		"resources": {"unified": {"memory.high": "1"}, "memory": {"limti": 4}},
		"namespaces": [{"type": "pid"}, {"type": "user", "pth": "/x"}],
		"swapiness": 3
	}
}`
	b, err := Load(write(t, config))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"3:2 /Process: unknown key, ignored; did you mean process?",
		"4:14 /process/agrs: unknown key, ignored; did you mean args?",
		"4:51 /process/user/UID: unknown key, ignored; did you mean uid?",
		"5:2 /memory: unknown key, ignored; did you mean /linux/resources/memory?",
		"6:19 /hostname: given twice; the last one counts",
		"7:2 /x-note: unknown key, ignored",
		"8:46 /annotations/a~1b: given twice; the last one counts",
		"11:61 /linux/resources/memory/limti: unknown key, ignored; did you mean limit?",
		"12:52 /linux/namespaces/1/pth: unknown key, ignored; did you mean path?",
		"13:3 /linux/swapiness: unknown key, ignored; did you mean /linux/resources/memory/swappiness?",
	}
	got := make([]string, 0, len(want))
	for _, w := range b.Warnings {
		got = append(got, strings.Join([]string{itoa(w.Line), ":", itoa(w.Column), " ", w.String()}, ""))
	}
	if g, w := strings.Join(got, "\n"), strings.Join(want, "\n"); g != w {
		t.Errorf("got\n%s\nwant\n%s", g, w)
	}
	if b.Spec.Process.Args != nil || b.Spec.Process.User.UID != 0 {
		t.Errorf("a misspelt key was taken: %+v", b.Spec.Process)
	}
	if b.Spec.Hostname != "b" || b.Spec.Annotations["a/b"] != "2" {
		t.Errorf("got %q and %q, want the last of each", b.Spec.Hostname, b.Spec.Annotations["a/b"])
	}
	if !filepath.IsAbs(b.Dir) || string(b.Raw) != config {
		t.Errorf("got dir %s and %d bytes, want an absolute path and %d bytes", b.Dir, len(b.Raw), len(config))
	}
	strict := Strict(b)
	if strict == nil || !strings.HasPrefix(strict.Error(), "/Process: unknown key") || !strings.Contains(strict.Error(), "; /linux/swapiness: ") {
		t.Errorf("got %v from Strict", strict)
	}
}

func TestLoadManyWarnings(t *testing.T) {
	_, warnings, err := parse[specs.Spec]([]byte("{" + strings.Repeat(`"a": 1, `, 100_000) + `"b": 2}`))
	if err != nil || len(warnings) != maxWarnings || !strings.Contains(warnings[maxWarnings-1].Text, "not looked at") {
		t.Errorf("got %v and %d warnings, want the first %d, the last saying so", err, len(warnings), maxWarnings)
	}
}

func TestStrictWithoutWarnings(t *testing.T) {
	if err := Strict(&Bundle{}); err != nil {
		t.Errorf("got %v", err)
	}
}

// A key given twice is not merged: half of the first would be left.
func TestLastOfTwoReplaces(t *testing.T) {
	spec, err := Decode([]byte(`{"root": {"path": "a", "readonly": true}, "root": {"path": "b"}}`))
	if err != nil {
		t.Fatal(err)
	}
	if spec.Root.Path != "b" || spec.Root.Readonly {
		t.Errorf("got %+v, want only the second", spec.Root)
	}
}
