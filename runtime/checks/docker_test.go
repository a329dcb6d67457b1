package checks

import (
	"errors"
	"testing"
	"time"
)

func TestDocker(t *testing.T) {
	for name, raw := range map[string]string{
		"docker.json":       `{"Test": ["CMD-SHELL", "curl -f http://localhost/ || exit 1"]}`,
		"docker-full.json":  `{"Test": ["CMD", "get", "a b"], "Interval": 10000000000, "Timeout": 3000000000, "StartPeriod": 60000000000, "StartInterval": 1000000000, "Retries": 4}`,
		"docker-start.json": `{"Test": ["CMD", "true"], "StartPeriod": 20000000000, "Interval": 0}`,
	} {
		t.Run(name, func(t *testing.T) {
			d, err := ParseDocker([]byte(raw))
			if err != nil {
				t.Fatal(err)
			}
			spec, err := d.Spec()
			if err != nil {
				t.Fatal(err)
			}
			compare(t, name, spec)
		})
	}
}

func TestDockerNone(t *testing.T) {
	for _, raw := range []string{`{}`, `null`, `{"Test": []}`, `{"Test": null}`, `{"Test": ["NONE"], "Interval": 5}`} {
		d, err := ParseDocker([]byte(raw))
		if err != nil {
			t.Fatal(err)
		}
		if spec, err := d.Spec(); spec != nil || err != nil {
			t.Errorf("%s: got %+v, %v", raw, spec, err)
		}
	}
}

func TestDockerErrors(t *testing.T) {
	tests := []struct {
		d           Docker
		field, want string
	}{
		{Docker{Test: []string{"CMD"}}, "/Test", "/Test: no command follows CMD"},
		{Docker{Test: []string{"CMD-SHELL"}}, "/Test", "/Test: no command follows CMD-SHELL"},
		{Docker{Test: []string{"curl"}}, "/Test/0", `/Test/0: "curl": not NONE, CMD or CMD-SHELL`},
		{Docker{Test: []string{"NONE", "a"}}, "/Test/1", "/Test/1: nothing follows NONE"},
		{Docker{Test: []string{"CMD", "a\x00"}}, "/Test", "/Test: has a zero byte"},
		{Docker{Test: []string{"CMD-SHELL", "caf\xe9"}}, "/Test", `/Test: "caf\xe9": not UTF-8`},
		{Docker{Test: []string{"CMD", "a"}, Interval: time.Microsecond}, "/Interval", "/Interval: 1µs: not from 1ms to 8760h0m0s, nor 0 for the default"},
		{Docker{Test: []string{"CMD", "a"}, Timeout: -1}, "/Timeout", "/Timeout: -1ns: not from 1ms to 8760h0m0s, nor 0 for the default"},
		{Docker{Test: []string{"CMD", "a"}, StartPeriod: 9999 * time.Hour}, "/StartPeriod", "/StartPeriod: 9999h0m0s: not from 1ms to 8760h0m0s, nor 0 for the default"},
		{Docker{Test: []string{"CMD", "a"}, Retries: -1}, "/Retries", "/Retries: -1: not from 0 to 1000000000"},
	}
	for _, test := range tests {
		spec, err := test.d.Spec()
		var e *Error
		if !errors.As(err, &e) || e.Pointer() != test.field || e.Error() != test.want {
			t.Errorf("got %+v, %v, want %s", spec, err, test.want)
		}
	}
}

func TestDockerUnreadable(t *testing.T) {
	for raw, want := range map[string]string{
		`{"test": ["CMD", "a"]}`:             "1:2: /test: unknown; did you mean Test?",
		`{"Interval": "10s"}`:                "1:2: /Interval: expected a number, found a string",
		`{"Interval": -5}`:                   "1:2: /Interval: -5ns: at least 0",
		`{"Test": "curl"}`:                   "1:2: /Test: expected a list, found a string",
		`{"Interval": 99999999999999999999}`: `1:2: /Interval: "99999999999999999999": not a whole number`,
	} {
		if d, err := ParseDocker([]byte(raw)); err == nil || err.Error() != want {
			t.Errorf("%s: got %+v, %v, want %s", raw, d, err, want)
		}
	}
}
