package checks

import (
	"errors"
	"testing"
)

func TestAnnotations(t *testing.T) {
	all := map[string]string{
		"run.mini.health.onFailure":                      "stop",
		"run.mini.health.liveness.http.url":              "http://127.0.0.1:8080/healthz",
		"run.mini.health.liveness.http.headers.X-From.a": "mini",
		"run.mini.health.liveness.http.statuses":         "200,204",
		"run.mini.health.liveness.failures":              "5",
		"run.mini.health.startup.exec.args":              `["/bin/check", "--quick"]`,
		"run.mini.health.startup.interval":               "100ms",
		"run.mini.health.db.role":                        "readiness",
		"run.mini.health.db.tcp.address":                 "127.0.0.1:5432",
		"run.mini.health.said":                           "",
		"run.mini.healthy":                               "something else",
		"org.example":                                    "x",
	}
	spec, err := FromAnnotations(all)
	if err == nil || err.Error() != "/annotations/run.mini.health.said: unknown; there is onFailure, NAME.KIND.SETTING" {
		t.Fatalf("got %+v, %v", spec, err)
	}
	delete(all, "run.mini.health.said")
	all["run.mini.health.said.notify"] = `{"watchdog": "30s"}`
	spec, err = FromAnnotations(all)
	if err != nil {
		t.Fatal(err)
	}
	compare(t, "annotations.json", spec)
}

func TestAnnotationsWhole(t *testing.T) {
	raw := `{"checks": [{"notify": {"watchdog": "30s"}}]}`
	spec, err := FromAnnotations(map[string]string{"run.mini.health": raw})
	if err != nil || len(spec.Checks) != 1 || spec.Checks[0].Kind() != KindNotify {
		t.Errorf("got %+v, %v", spec, err)
	}
}

func TestAnnotationsNone(t *testing.T) {
	for _, a := range []map[string]string{nil, {}, {"run.mini.healthy": "x", "run.mini.health-x": "y", "": ""}} {
		if spec, err := FromAnnotations(a); spec != nil || err != nil {
			t.Errorf("%v: got %+v, %v", a, spec, err)
		}
	}
}

func TestAnnotationErrors(t *testing.T) {
	const p = "/annotations/run.mini.health"
	tests := []struct {
		annotations map[string]string
		field, want string
	}{
		{map[string]string{"": "{}"}, p, "1:1: /checks: 0 checks: from 1 to 64"},
		{map[string]string{"": "{}", ".web.interval": "1s"}, p, "is a whole health file; run.mini.health.web.interval is not looked at beside it"},
		{map[string]string{".onFailure": "kil"}, p + ".onFailure", `unknown "kil"; did you mean kill?`},
		{map[string]string{".onFailur": "kill"}, p + ".onFailur", "unknown; did you mean onFailure?"},
		{map[string]string{".web.http.ulr": "x"}, p + ".web.http.ulr", "unknown; did you mean url?"},
		{map[string]string{".web.htp.url": "x"}, p + ".web.htp", "unknown; did you mean http?"},
		{map[string]string{".web.http.url": "https://127.0.0.1"}, p + ".web.http.url", "https is not spoken here; ask by exec, with curl"},
		{map[string]string{".web.http.match": "x"}, p + ".web.http.url", `"": not of the form http://127.0.0.1:8080/path`},
		{map[string]string{".web.interval": "1s"}, p + ".web", "asks nothing; it needs one of exec, http, tcp, unix, grpc, notify, pressure, events"},
		{map[string]string{".web.tcp.address": "127.0.0.1:1", ".web.failures": "many"}, p + ".web.failures", `"many": not a whole number`},
		{map[string]string{".web.tcp.address": "127.0.0.1:1", ".web.failures": "0"}, p + ".web.failures", "0: at least 1"},
		{map[string]string{".web.exec.args": "true"}, p + ".web.exec.args", "expected a list as JSON, found true or false"},
		{map[string]string{".web.exec.args": "check -q"}, p + ".web.exec.args", "expected a list as JSON: 1:1: not JSON: invalid character 'c' looking for beginning of value"},
		{map[string]string{".web.exec.args": `"true"`}, p + ".web.exec.args", "expected a list as JSON, found a string"},
		{map[string]string{".web.exec.args": `["a", 1]`}, p + ".web.exec.args", "expected a string, found a number"},
		{map[string]string{".web.notify": "{}", ".web.notify.watchdog": "1s"}, p + ".web.notify", "is given as a whole; " + p + ".web.notify.watchdog is not looked at beside it"},
		{map[string]string{".we b.notify": "{}"}, p + ".we b", `"we b": letters, digits, - and _ make a name`},
		{map[string]string{".web.name": "x", ".web.notify": "{}"}, p + ".web.name", "given twice"},
		{map[string]string{".web.interval.x": "1s", ".web.notify": "{}"}, p + ".web.interval", "expected a string, found an object"},
		{map[string]string{"..": ""}, p + "..", "unknown; there is name, role, exec, http, tcp, unix, grpc, notify, pressure, events, interval, timeout, delay, grace, failures, successes"},
		{map[string]string{".a/b.http.x": ""}, p + ".a~1b.http.x", "unknown; there is url, method, headers, statuses, match"},
	}
	for _, test := range tests {
		t.Run(test.want, func(t *testing.T) {
			annotations := map[string]string{"other": "x"}
			for key, value := range test.annotations {
				annotations[Annotation+key] = value
			}
			spec, err := FromAnnotations(annotations)
			var e *Error
			if !errors.As(err, &e) || e.Pointer() != test.field || e.Error() != test.field+": "+test.want {
				t.Errorf("got %+v, %v, want %s: %s", spec, err, test.field, test.want)
			}
		})
	}
}
