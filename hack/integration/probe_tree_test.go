package integration

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// TestRootlessProbeTree: where no cgroup can be made, a probe that took too long,
// or is over, ends with what it has forked all the same.
func TestRootlessProbeTree(t *testing.T) {
	nap := fmt.Sprint("sleep ", 1_000_000+os.Getpid()) // nobody else's
	for name, how := range map[string]struct{ script, timeout string }{
		"too long": {nap + " & (" + nap + " &); " + nap, "400ms"},
		"is over":  {nap + " >/dev/null 2>&1 & exit 1", patience().String()},
	} {
		t.Run(name, func(t *testing.T) {
			o := newOrdinary(t)
			o.detached("w", "--health-cmd", "[ -e /first ] || { : >/first; "+how.script+"; }", "--health-interval", "10ms",
				"--health-timeout", how.timeout, "--health-retries", "99", o.bundle(sh(untilTerm), func(s *specs.Spec) { s.Root.Readonly = false }))
			o.mini("wait", "--for", "healthy", "w").wants(t, 0, "") // by a later probe
			left := ""
			for end := time.Now().Add(patience()); time.Now().Before(end); time.Sleep(5 * time.Millisecond) { // the killed need a moment to die
				if left = namesakes(t, strings.ReplaceAll(nap, " ", "\x00")+"\x00"); left == "" {
					return
				}
			}
			t.Errorf("there is still %s", left)
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
