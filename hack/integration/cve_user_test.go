package integration

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// whoami prints the ids of a process: all four users, all four groups, the others.
const whoami = `sed -n 's/^\(Uid\|Gid\|Groups\):[[:space:]]*//p' /proc/self/status | tr '\t\n' ' :'`

// trickyAccounts have names that are numbers, and root's number.
var trickyAccounts = map[string]string{
	"etc/passwd": "root:x:0:0::/:/bin/sh\n1:x:0:0::/:/bin/sh\n1000:x:0:0::/:/bin/sh\n4294967296:x:0:0::/:/bin/sh\n" +
		"-1:x:0:0::/:/bin/sh\n0x1:x:0x0:0::/:/bin/sh\nhalf:x:1001:4294967295::/:/bin/sh\nover:x:4294967296:0::/:/bin/sh\n",
	"etc/group": "root:x:0:\n1:x:0:\n77:x:0:\n4294967296:x:0:\n",
}

// TestCVE202630892: crun exec --user 1 ran as user 0. And CVE-2026-46680: containerd
// took a number that is too large for a name, which the image could give to root.
// No word for a user means root but 0 and root; -1 does least of all: setresuid(2)
// takes it for "as it is".
func TestCVE202630892(t *testing.T) {
	v := newVictim(t)
	if err := writeFiles(v.root, trickyAccounts); err != nil {
		t.Fatal(err)
	}
	id := v.name()
	dir := v.bundle(sh("sleep 1000"))
	v.create(id, dir)
	v.mini("start", id).wantStatus(t, 0)
	const refused = ""
	for _, test := range []struct{ user, exec, run string }{
		{"1", "1 1 1 1:0 0 0 0::", "1 1 1 1:0 0 0 0::"},
		{"1000", "1000 1000 1000 1000:0 0 0 0::", "1000 1000 1000 1000:0 0 0 0::"},
		{"1000:77", "1000 1000 1000 1000:77 77 77 77::", "1000 1000 1000 1000:77 77 77 77::"},
		{"4294967294", "4294967294 4294967294 4294967294 4294967294:0 0 0 0::", "4294967294 4294967294 4294967294 4294967294:0 0 0 0::"},
		{"+1", refused, refused}, {"-1", refused, refused}, {"1:", refused, refused}, {":1", refused, refused},
		{":", refused, refused}, {"", refused, refused}, {" 1", refused, refused}, {"1 ", refused, refused},
		{"0x1", refused, refused}, {"1e0", refused, refused}, {"1,2", refused, refused}, {"1:2:3", refused, refused},
		{"4294967295", refused, refused}, {"1:4294967295", refused, refused},
		{"4294967296", refused, refused}, {"1:4294967296", refused, refused},
		{"18446744073709551616", refused, refused}, {"half", refused, refused}, {"over", refused, refused},
	} {
		v.identity("exec --user '"+test.user+"'", test.exec, v.mini("exec", "--user", test.user, id, "sh", "-c", whoami))
		if *attacked == "" { // the others' run has no --user
			v.identity("run --user '"+test.user+"'", test.run, v.mini("run", "--user", test.user, dir, "--", "sh", "-c", whoami))
		}
	}
	for _, gid := range []string{"-1", "4294967295", "4294967296", "18446744073709551616"} {
		v.identity("--additional-gids "+gid, refused, v.mini("exec", "--user", "5", "--additional-gids", gid, id, "sh", "-c", whoami))
	}
}

// identity requires ids, or that nothing was run.
func (v victim) identity(what, want string, r result) {
	v.t.Helper()
	if r.stdout != want || (r.status == 0) != (want != "") {
		v.t.Errorf("%s: got status %d, %q, want %q\n%s", what, r.status, r.stdout, want, r.stderr)
	}
}

// TestNoChangeOfUser: the same number in a configuration and in a process of exec.
func TestNoChangeOfUser(t *testing.T) {
	v := newVictim(t)
	id := v.name()
	v.create(id, v.bundle(sh("sleep 1000")))
	v.mini("start", id).wantStatus(t, 0)
	for _, user := range []specs.User{{UID: 1<<32 - 1}, {UID: 5, GID: 1<<32 - 1}, {UID: 5, AdditionalGids: []uint32{1<<32 - 1}}} {
		dir := v.bundle(sh(whoami), func(s *specs.Spec) { s.Process.User = user })
		v.identity("run as such", "", v.mini("run", "--bundle", dir, v.name()))
		text, err := json.Marshal(specs.Process{User: user, Cwd: "/", Args: []string{"/bin/sh", "-c", whoami}, Env: []string{"PATH=/bin"}})
		file := filepath.Join(t.TempDir(), "process.json")
		if err == nil {
			err = os.WriteFile(file, text, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
		v.identity("exec --process as such", "", v.mini("exec", "--process", file, id))
	}
}
