package process

import "testing"

func TestReap(t *testing.T) {
	needRoot(t)
	root := newRoot(t, map[string]string{"!bin/bad": "no format"})
	run := func(args ...string) (string, *failure, int) {
		c := small()
		c.Process.Args = args
		c.Process.NoNewPrivileges = true
		c.Filter = allowAll
		out, f, status := walkStatus(t, mile{Root: root, Config: c, Facts: probe(t), Reap: true})
		return string(out), f, status
	}
	if _, f, status := run("orphans", "42"); f != nil || status != 42 {
		t.Errorf("exit status: got %d, %+v; want 42", status, f)
	}
	if _, f, status := run("orphans", "signal"); f != nil || status != 128+9 {
		t.Errorf("signal: got %d, %+v; want 137", status, f)
	}
	if out, _, _ := run("orphans", "parent"); out != "1 orphans\n" {
		t.Errorf("got %q, want a parent with pid 1 and args[0] kept", out)
	}
	if _, f, _ := run("nosuch"); f == nil || f.Exit != 127 {
		t.Errorf("not found: got %+v", f)
	}
	if _, f, status := run("bad"); f != nil || status != 98 {
		t.Errorf("bad format: got %d, %+v", status, f)
	}
}
