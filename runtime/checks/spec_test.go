package checks

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"mini/hack/golden"
)

// The examples that users read are health files, and what becomes of each is in
// testdata: all defaults filled in.
func TestExamples(t *testing.T) {
	files, err := filepath.Glob("../../examples/health/*.json")
	if err != nil || len(files) < 5 {
		t.Fatalf("found %q, %v", files, err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			raw, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			spec, err := Parse(raw)
			if err != nil {
				t.Fatalf("%s:%v", file, err)
			}
			compare(t, filepath.Base(file), spec)
		})
	}
}

// compare holds spec against a file of testdata, and that against spec: it is a
// health file as well.
func compare(t *testing.T, name string, spec *Spec) {
	t.Helper()
	got, err := json.MarshalIndent(spec, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	golden.Compare(t, name, string(got)+"\n")
	same(t, spec)
}

// same fails unless spec is complete, and the same after a trip through JSON.
func same(t *testing.T, spec *Spec) {
	t.Helper()
	raw, err := json.Marshal(spec)
	if err != nil {
		t.Fatal(err)
	}
	again, err := Parse(raw)
	if err != nil {
		t.Fatalf("%v in %s", err, raw)
	}
	if !reflect.DeepEqual(spec, again) {
		t.Errorf("through %s it became %+v", raw, again)
	}
	if err := again.Complete(); err != nil {
		t.Errorf("complete, once more: %v", err)
	}
	if !reflect.DeepEqual(spec, again) {
		t.Errorf("completed once more it became %+v", again)
	}
}

// Every field of a Spec survives: a file that sets them all is written and read.
func TestEveryField(t *testing.T) {
	spec := &Spec{OnFailure: Kill, Checks: []Check{
		{Name: "a", Role: Startup, Exec: &Exec{Args: []string{"a", ""}, Env: []string{"A=b=c"}, User: "1:2", Workdir: "/w"},
			Interval: 1e6, Timeout: 2e6, Delay: 3e6, Grace: 4e6, Failures: 5, Successes: 6},
		{HTTP: &HTTP{URL: "http://[::1]:80/?a=b", Method: "HEAD", Headers: map[string]string{"Host": "täst <&>"}, Statuses: Statuses{{200, 299}, {404, 404}}}},
		{TCP: &TCP{Address: "localhost:6379", Send: "PING\r\n\x00", Expect: "+PONG"}},
		{Unix: &Unix{Path: "@a/b", Send: "s", Expect: "e"}},
		{GRPC: &GRPC{Address: "[::1]:50051", Service: "a.b"}},
		{Notify: &Notify{Watchdog: Duration(time.Minute)}, Grace: 7},
		{Pressure: &Pressure{Resource: "io", Kind: "full", Stall: 1000, Window: 5e8, Calm: 1e9}},
		{Role: Readiness, Events: &Events{File: "pids.events", Key: "max", Calm: 2e9}},
	}}
	if err := spec.Complete(); err != nil {
		t.Fatal(err)
	}
	all := 0
	for field := range reflect.TypeFor[Check]().Fields() {
		for _, c := range spec.Checks {
			if !reflect.ValueOf(c).FieldByIndex(field.Index).IsZero() {
				all++
				break
			}
		}
	}
	if all != reflect.TypeFor[Check]().NumField() {
		t.Errorf("only %d fields of Check are set by this test", all)
	}
	compare(t, "every.json", spec)
}

func TestQuestionsAboutChecks(t *testing.T) {
	tests := []struct {
		check       Check
		kind        string
		push, quiet bool
		every       time.Duration
	}{
		{Check{}, "", false, false, 0},
		{Check{TCP: &TCP{}, Interval: 5}, KindTCP, false, false, 5},
		{Check{Notify: &Notify{Watchdog: 6}}, KindNotify, true, false, 6},
		{Check{Pressure: &Pressure{Calm: 7}}, KindPressure, true, true, 7},
		{Check{Events: &Events{Calm: 8}}, KindEvents, true, true, 8},
	}
	for _, test := range tests {
		c := test.check
		if c.Kind() != test.kind || c.Push() != test.push || c.Quiet() != test.quiet || c.Every() != test.every {
			t.Errorf("%q: got %q %v %v %v", test.kind, c.Kind(), c.Push(), c.Quiet(), c.Every())
		}
	}
}

func TestDefaults(t *testing.T) {
	s, err := Parse([]byte(`{"checks": [
		{"exec": {"shell": "true | cat"}}, {"exec": {"args": ["true"]}, "role": "startup", "interval": "7s"},
		{"http": {"url": "http://127.0.0.1"}, "role": "startup"}, {"notify": {}}, {"notify": {}, "role": "startup"},
		{"events": {"file": "memory.events"}}, {"pressure": {"resource": "cpu", "stall": "1s"}, "role": "readiness"},
		{"http": {"url": "http://localhost:1"}, "name": "http-2", "interval": null}, {"role": "startup", "tcp": {"address": "[::1]:1"}, "interval": "1m"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	compare(t, "defaults.json", s)
}

func TestErrors(t *testing.T) {
	check := func(inner string) string { return `{"checks": [{` + inner + `}]}` }
	tests := []struct{ raw, want string }{
		{``, "1:1: not JSON: unexpected end of JSON input"},
		{"{\n  \"checks\": [,]\n}", "2:14: not JSON: invalid character ',' looking for beginning of value"},
		{`null`, "1:1: expected an object, found null"},
		{`[]`, "1:1: expected an object, found a list"},
		{`{}`, "1:1: /checks: 0 checks: from 1 to 64"},
		{`{"checks": []}`, "1:2: /checks: 0 checks: from 1 to 64"},
		{`{"check": []}`, "1:2: /check: unknown; did you mean checks?"},
		{`{"checks": {}}`, "1:2: /checks: expected a list, found an object"},
		{`{"checks": [], "checks": []}`, "1:16: /checks: given twice"},
		{`{"onFailure": "reboot", "checks": []}`, `1:2: /onFailure: unknown "reboot"; there is none, kill, stop, restart`},
		{"{\"ä\": 1,\n\t\"onFailure\": true}", "1:2: /ä: unknown; there is checks, onFailure"},
		{check(``), "1:13: /checks/0: asks nothing; it needs one of exec, http, tcp, unix, grpc, notify, pressure, events"},
		{check(`"tcp": {"address": "127.0.0.1:1"}, "unix": {}`), "1:49: /checks/0/unix: a check asks one thing, and there is tcp"},
		{check("\n\"htpp\": {}"), "2:1: /checks/0/htpp: unknown; did you mean http?"},
		{check(`"https": {}`), "1:14: /checks/0/https: unknown; did you mean http?"},
		{check(`"role": "livenes", "notify": {}`), `1:14: /checks/0/role: unknown "livenes"; did you mean liveness?`},
		{check(`"name": "a b", "notify": {}`), `1:14: /checks/0/name: "a b": letters, digits, - and _ make a name`},
		{check(`"notify": {}, "interval": "1s"`), "1:28: /checks/0/interval: has no meaning for notify, which nobody asks"},
		{check(`"exec": {"args": ["true"]}, "interval": "0s"`), "1:42: /checks/0/interval: 0s: at least 1ms"},
		{check(`"exec": {"args": ["true"]}, "interval": 10`), "1:42: /checks/0/interval: expected a string, found a number"},
		{check(`"exec": {"args": ["true"]}, "timeout": "-1s"`), `1:42: /checks/0/timeout: "-1s": not a time such as 500ms, 10s or 1m30s`},
		{check(`"exec": {"args": ["true"]}, "timeout": "9999h"`), "1:42: /checks/0/timeout: 9999h0m0s: not from 1ms to 8760h0m0s"},
		{check(`"exec": {"args": ["true"]}, "failures": 0`), "1:42: /checks/0/failures: 0: at least 1"},
		{check(`"exec": {"args": ["true"]}, "failures": 1.5`), `1:42: /checks/0/failures: "1.5": not a whole number`},
		{check(`"exec": {"args": ["true"]}, "successes": 2000000000`), "1:42: /checks/0/successes: 2000000000: not from 1 to 1000000000"},
		{check(`"exec": {}`), "1:14: /checks/0/exec/args: no program to run"},
		{check(`"exec": {"args": "true"}`), "1:23: /checks/0/exec/args: expected a list, found a string"},
		{check(`"exec": {"args": ["a", 1]}`), "1:37: /checks/0/exec/args/1: expected a string, found a number"},
		{check(`"exec": {"args": ["a\u0000"]}`), "1:32: /checks/0/exec/args/0: has a zero byte"},
		{check(`"exec": {"shell": "a", "args": ["b"]}`), "1:23: /checks/0/exec/shell: a line for the shell, and there are args"},
		{check(`"exec": {"args": ["a"], "env": ["A"]}`), `1:46: /checks/0/exec/env/0: "A": not NAME=VALUE`},
		{check(`"exec": {"args": ["a"], "workdir": "w"}`), `1:38: /checks/0/exec/workdir: "w": not absolute`},
		{check(`"http": {}`), `1:14: /checks/0/http/url: "": not of the form http://127.0.0.1:8080/path`},
		{check(`"http": {"url": "https://127.0.0.1"}`), "1:23: /checks/0/http/url: https is not spoken here; ask by exec, with curl"},
		{check(`"http": {"url": "http://web:80"}`), `1:23: /checks/0/http/url: "web": names are not looked up; give an address, such as 127.0.0.1, or localhost`},
		{check(`"http": {"url": "http://127.0.0.1:99999"}`), `1:23: /checks/0/http/url: "99999": not a port`},
		{check(`"http": {"url": "http://127.0.0.1:"}`), `1:23: /checks/0/http/url: "": not a port`},
		{check(`"http": {"url": "http://a:b@127.0.0.1"}`), "1:23: /checks/0/http/url: has a user in it; give a header Authorization"},
		{check(`"http": {"url": "http://127.0.0.1/#a"}`), "1:23: /checks/0/http/url: #a is not sent to a server"},
		{check(`"http": {"url": "http://[fe80::1%25eth0]/"}`), `1:23: /checks/0/http/url: "fe80::1%eth0": names are not looked up; give an address, such as 127.0.0.1, or localhost`},
		{check(`"http": {"url": "http://127.0.0.1", "statuses": "2xx"}`), `1:50: /checks/0/http/statuses: "2xx": not a status of HTTP; give such as 200-299,404`},
		{check(`"http": {"url": "http://127.0.0.1", "statuses": "299-200"}`), `1:50: /checks/0/http/statuses: "299-200": the first is more than the last`},
		{check(`"http": {"url": "http://127.0.0.1", "method": "get"}`), `1:50: /checks/0/http/method: "get": not a method of HTTP, such as GET`},
		{check(`"http": {"url": "http://127.0.0.1", "method": "HEAD", "match": "a"}`), "1:68: /checks/0/http/match: the answer to HEAD has no body to look at"},
		{check(`"http": {"url": "http://127.0.0.1", "headers": {"A/": "b"}}`), `1:62: /checks/0/http/headers/A~1: "A/": not the name of a header`},
		{check(`"http": {"url": "http://127.0.0.1", "headers": {"A": "b\r\nC: d"}}`), `1:62: /checks/0/http/headers/A: "b\r\nC: d": a control character cannot be in a header`},
		{check(`"http": {"url": "http://127.0.0.1", "headers": {"A": "", "A": ""}}`), "1:71: /checks/0/http/headers/A: given twice"},
		{check(`"tcp": {"address": ":80"}`), `1:22: /checks/0/tcp/address: ":80": not of the form 127.0.0.1:80`},
		{check(`"tcp": {"address": "::1:80"}`), `1:22: /checks/0/tcp/address: "::1:80": brackets are for addresses of IPv6: [::1]:80`},
		{check(`"tcp": {"address": "[1.2.3.4]:80"}`), `1:22: /checks/0/tcp/address: "[1.2.3.4]:80": brackets are for addresses of IPv6: [::1]:80`},
		{check(`"tcp": {"address": "localhost:0"}`), `1:22: /checks/0/tcp/address: "0": not a port`},
		{check(`"tcp": {"address": "localhost:1", "expect": "` + strings.Repeat("x", 4097) + `"}`), "1:48: /checks/0/tcp/expect: 4097 bytes: at most 4096"},
		{check(`"unix": {"path": "run/a"}`), `1:23: /checks/0/unix/path: "run/a": neither a path from / nor @ and an abstract name`},
		{check(`"unix": {"path": "@` + strings.Repeat("x", 108) + `"}`), `1:23: /checks/0/unix/path: "@` + strings.Repeat("x", 59) + `"…: a name has at most 107 bytes`},
		{check(`"grpc": {"address": "a:1"}`), `1:23: /checks/0/grpc/address: "a": names are not looked up; give an address, such as 127.0.0.1, or localhost`},
		{check(`"notify": {"watchdog": "0s"}`), "1:25: /checks/0/notify/watchdog: 0s: at least 1ms"},
		{check(`"pressure": {"resource": "cpu"}`), "1:14: /checks/0/pressure/stall: 0s: not from 1µs to 2s"},
		{check(`"pressure": {"resource": "cpu", "stall": "3s"}`), "1:46: /checks/0/pressure/stall: 3s: not from 1µs to 2s"},
		{check(`"pressure": {"resource": "mem", "stall": "1s"}`), `1:27: /checks/0/pressure/resource: unknown "mem"; there is cpu, memory, io`},
		{check(`"pressure": {"resource": "io", "stall": "1s", "window": "11s"}`), "1:60: /checks/0/pressure/window: 11s: not from 500ms to 10s"},
		{check(`"role": "startup", "pressure": {"resource": "io", "stall": "1s"}`), "1:33: /checks/0/pressure: cannot tell that a service has started up; its role is liveness or readiness"},
		{check(`"events": {"file": "pids.events", "key": "oom"}`), `1:48: /checks/0/events/key: unknown "oom"; pids.events has max`},
		{check(`"notify": {}, "name": "a"}, {"notify": {}, "name": "a"`), `1:57: /checks/1/name: "a": /checks/0 has that name`},
		{"{\"Test\": [\"NONE\"]}", "1:2: /Test: says that nothing is to be checked"},
		{`{"Interval": 1, "Test": ["CMD", "a"]}`, "1:2: /Interval: 1ns: not from 1ms to 8760h0m0s, nor 0 for the default"},
		{`{"Test": ["CMD", "a", 5]}`, "1:23: /Test/2: expected a string, found a number"},
		{strings.Repeat("[", 40) + strings.Repeat("]", 40), "1:34: " + strings.Repeat("/0", 33) + ": too deep: at most 32 values in each other"},
		{strings.Repeat(" ", maxSize) + "{}", "longer than 1 MiB"},
	}
	for _, test := range tests {
		t.Run(test.want, func(t *testing.T) {
			spec, err := Parse([]byte(test.raw))
			if err == nil || err.Error() != test.want {
				t.Errorf("%.300s: got %v, %v, want %v", test.raw, spec, err, test.want)
			}
		})
	}
}
