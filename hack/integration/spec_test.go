package integration

import (
	"os"
	"path/filepath"
	"testing"
)

// TestSpecIsWritten: into the working directory, as with runc and crun, and
// never over another.
func TestSpecIsWritten(t *testing.T) {
	u := newUser(t)
	dir := t.TempDir()
	spec := u.command("spec")
	spec.Dir = dir
	finish(t, spec).wants(t, 0, "")
	text, err := os.ReadFile(filepath.Join(dir, "config.json"))
	if err != nil {
		t.Fatal(err)
	}
	u.mini("spec", "--bundle", "-").wants(t, 0, string(text))
	u.wantError("spec", "--bundle", dir).says(t, "config.json", "EEXIST")
}

// TestCheckpointIsRefused, whatever flags come with it.
func TestCheckpointIsRefused(t *testing.T) {
	u := newUser(t)
	u.wantError("--criu", "criu", "checkpoint", "--image-path", "/tmp", "x").says(t, "checkpoint", "CRIU")
	u.wantError("restore", "--image-path", "/tmp", "x").says(t, "restore", "CRIU")
}
