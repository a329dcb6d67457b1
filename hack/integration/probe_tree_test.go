package integration

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// TestRootlessProbeTree: where no cgroup can be made, a probe that took too long,
// or is over, ends with what it has forked all the same.
func TestRootlessProbeTree(t *testing.T) {
	for name, script := range map[string]string{
		"too long": "sleep 4567 & (sleep 4567 &); sleep 4567",
		"is over":  "sleep 4567 >/dev/null 2>&1 & exit 1",
	} {
		t.Run(name, func(t *testing.T) {
			o := newOrdinary(t)
			o.detached("w", "--health-cmd", "[ -e /first ] || { : >/first; "+script+"; }", "--health-interval", "10ms",
				"--health-timeout", "400ms", "--health-retries", "99", o.bundle(sh(untilTerm), func(s *specs.Spec) { s.Root.Readonly = false }))
			o.mini("wait", "--for", "healthy", "--timeout", "20s", "w").wants(t, 0, "") // by the second probe
			if left := namesakes(t, "sleep\x004567\x00"); left != "" {
				t.Errorf("there is still %s", left)
			}
		})
	}
}

// namesakes are the processes with that command line, one of them a line. A
// zombie has none.
func namesakes(t *testing.T, line string) string {
	t.Helper()
	found, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	var left []string
	for _, name := range found {
		if text, err := os.ReadFile(name); err == nil && strings.HasSuffix(string(text), line) {
			who, _ := exec.Command("ps", "-o", "pid,ppid,stat,args", "-p", strings.Split(name, "/")[2]).Output()
			left = append(left, string(who))
		}
	}
	return strings.Join(left, "")
}
