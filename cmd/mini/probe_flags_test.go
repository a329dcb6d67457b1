package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mini/cmd/mini/cli"
)

// probesOf parses the flags of a run.
func probesOf(t *testing.T, annotations map[string]string, args ...string) (string, error) {
	t.Helper()
	text := ""
	command := &cli.Command{Name: "run", More: heartbeatFlags, Action: func(c *cli.Context) error {
		spec, err := probes(c, annotations)
		if err == nil && spec != nil {
			var raw []byte
			raw, err = json.Marshal(spec)
			text = string(raw)
		}
		return err
	}}
	err := (&cli.App{Name: "mini", Commands: []*cli.Command{command}}).Run(append([]string{"mini", "run"}, args...))
	return text, err
}

// TestProbes: checks come from one place, and nothing of what was asked for is
// passed over.
func TestProbes(t *testing.T) {
	file := filepath.Join(t.TempDir(), "health.json")
	if err := os.WriteFile(file, []byte(`{"checks":[{"name":"filed","tcp":{"address":"127.0.0.1:1"}}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	noted := map[string]string{"run.mini.health.noted.exec.args": `["true"]`}
	for _, test := range []struct {
		name        string
		annotations map[string]string
		args        string
		want        string // in the checks, or "!" and what is in the error
	}{
		{"nothing", nil, "", ""},
		{"a command", nil, "--health-cmd true --health-retries 7", `"failures":7`},
		{"docker's times", nil, "--health-cmd true --health-start-period 5s", `"role":"startup"`},
		{"a URL", nil, "--health-probe unix:///run/x.sock --health-interval 2s", `"unix":{"path":"/run/x.sock"},"interval":"2s"`},
		{"a file", nil, "--health-file " + file, `"name":"filed"`},
		{"a reaction", nil, "--health-cmd true --health-on-failure kill", `"onFailure":"kill"`},
		{"annotations", noted, "", `"name":"noted"`},
		{"flags come before annotations", noted, "--health-cmd true", `"name":"healthcheck"`},
		{"no annotations", noted, "--no-healthcheck", ""},
		{"two of them", nil, "--health-cmd true --health-file " + file, "!contradict"},
		{"none of them", nil, "--health-retries 3", "!has no meaning without"},
		{"a reaction to nothing", nil, "--health-on-failure kill", "!has no meaning without"},
		{"no such reaction", nil, "--health-cmd true --health-on-failure kil", "!did you mean kill"},
		{"no such file", nil, "--health-file /nowhere", "!/nowhere"},
		{"a time of the past", nil, "--health-cmd true --health-interval -1s", "!--health-interval: -1s"},
		{"fewer than none", nil, "--health-probe tcp://127.0.0.1:1 --health-retries -1", "!--health-retries: -1"},
		{"nothing to run", nil, "--health-probe foo", "!--health-probe: \"foo\""},
		{"no such scheme", nil, "--health-probe ftp://127.0.0.1/", "!ftp"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := probesOf(t, test.annotations, strings.Fields(test.args)...)
			if want, wrong := strings.CutPrefix(test.want, "!"); wrong {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("%v, want an error with %q", err, want)
				}
				return
			}
			if err != nil || !strings.Contains(got, test.want) || test.want == "" && got != "" {
				t.Errorf("got %s, %v, want %s", got, err, test.want)
			}
		})
	}
}
