package integration

import (
	"os"
	"strings"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// TestOrdinaryDetail: what an ordinary user's mini says of a program that is not there
// is what root's says: what there is instead.
func TestOrdinaryDetail(t *testing.T) {
	o := newOrdinary(t)
	const want = "/bin has: "
	o.mini("run", o.bundle(sh("true")), "--", "ech").says(t, want)
	o.mini("run", "-d", "--name", "up", o.bundle(sh("exec sleep 1000"))).wantStatus(t, 0)
	o.mini("exec", "up", "ech").says(t, want)
	o.mini("delete", "--force", "up").wantStatus(t, 0)
}

// TestOrdinaryScore: an ordinary user may have the own processes killed first, be it
// the first of a container or a further one.
func TestOrdinaryScore(t *testing.T) {
	o := newOrdinary(t)
	score := func(s *specs.Spec) { n := 500; s.Process.OOMScoreAdj = &n }
	show := []string{"cat", "/proc/self/oom_score_adj"}
	for range 5 {
		o.mini(append([]string{"run", o.bundle(score), "--"}, show...)...).wants(t, 0, "500\n")
	}
	o.mini("run", "-d", "--name", "up", o.bundle(score, sh("exec sleep 1000"))).wantStatus(t, 0)
	for range 5 {
		o.mini(append([]string{"exec", "up"}, show...)...).wants(t, 0, "500\n")
	}
	o.mini("delete", "--force", "up").wantStatus(t, 0)
	if text, err := os.ReadFile("/proc/self/oom_score_adj"); err != nil || strings.TrimSpace(string(text)) == "500" {
		t.Errorf("our own is %s, %v: it shows nothing", text, err)
	}
}
