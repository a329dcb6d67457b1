package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// check holds the tree to gofmt and go vet.
func check(t *tally) {
	out, err := exec.Command("gofmt", "-l", ".").CombinedOutput()
	if err == nil && len(out) > 0 {
		err = fmt.Errorf("not formatted as gofmt does")
	}
	t.check("gofmt", string(out), err)
	out, err = exec.Command("go", "vet", "./...").CombinedOutput()
	t.check("go vet", string(out), err)
}

// testHost runs all tests but those for the VM, as whoever we are. The packages
// run one after another: many look for leaks on the whole machine. The time-outs here
// and below are for what hangs: several times what a busy machine of two cores needs, and so much
// that CI, which has 90 minutes, can still tell where.
func testHost(t *tally) {
	stream(t, exec.Command("go", "test", "-json", "-p", "1", "-timeout", "40m", "-skip", "^TestVM", "./..."))
}

// shape prints sizes. The tests of hack/shape hold the limits.
func shape(t *tally) {
	out, err := exec.Command("go", "run", "./hack/shape").CombinedOutput()
	fmt.Print(string(out))
	t.check("hack/shape", "", err)
}

// testVM runs the tests named TestVM in one VM, or right here on a machine that
// has the controllers of cgroup v2.
func testVM(t *tally) {
	script, err := vmScript(t)
	if err != nil {
		t.fail("prepare the VM", err.Error())
		return
	}
	args := []string{"bash", script}
	if !unified() {
		args = append([]string{"hack/vmrun", "-c", "2", "-m", "2048", "-T", "2400", "--"}, args...)
	}
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Env = append(os.Environ(), "MINI_VM=1")
	stream(t, cmd)
}

// conformance runs the validation programs of the OCI project with mini, and
// compares with what is known of each. The table with runc beside it takes twice
// as long: make conformance.
func conformance(t *tally) {
	cmd := exec.Command("hack/conformance/run.sh")
	cmd.Env = append(os.Environ(), "BASELINE=")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	fmt.Print(string(out))
	t.check("hack/conformance/run.sh", "", err)
}

// unified says whether this machine's cgroup v2 has the controllers that the
// tests need (cgroups(7)).
func unified() bool {
	list, _ := os.ReadFile("/sys/fs/cgroup/cgroup.controllers")
	have := " " + strings.Join(strings.Fields(string(list)), " ") + " "
	for _, controller := range []string{"cpuset", "cpu", "io", "memory", "pids"} {
		if !strings.Contains(have, " "+controller+" ") {
			return false
		}
	}
	return true
}

// vmScript builds the test binaries, and a script that runs them one after
// another. A package that does not build is one failure; the others still run.
func vmScript(t *tally) (string, error) {
	bin, err := filepath.Abs("bin/test")
	if err != nil {
		return "", err
	}
	found, err := find("TestVM")
	if err != nil {
		return "", err
	}
	toJSON := filepath.Join(bin, "test2json")
	if err := run(".", "go", "build", "-o", toJSON, "cmd/test2json"); err != nil {
		return "", err
	}
	script := "worst=0\n"
	for _, p := range found {
		binary := filepath.Join(bin, strings.ReplaceAll(p.path, "/", "-")+".test")
		if err := buildTests(p, binary); err != nil {
			t.fail("build the tests of "+p.path, err.Error())
			continue
		}
		script += fmt.Sprintf("cd '%s' && '%s' -t -p %s '%s' -test.v=test2json -test.run '^TestVM' -test.timeout 30m || worst=$?\n",
			p.dir, toJSON, p.path, binary)
	}
	file := filepath.Join(bin, "vm.sh")
	return file, os.WriteFile(file, []byte(script+"exit $worst\n"), 0o644)
}

// buildTests compiles the tests and runs none of them, for what their TestMain
// builds: an emulated machine is too slow to compile in.
func buildTests(p tests, binary string) error {
	if err := run(".", "go", "test", "-c", "-o", binary, p.path); err != nil {
		return err
	}
	return run(p.dir, binary, "-test.run", "^$")
}

// stream runs a command whose stdout is test events. That it failed is a
// failure of its own only if no event told so.
func stream(t *tally, cmd *exec.Cmd) {
	cmd.Stderr = os.Stderr
	failed := t.failed
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err == nil {
		err = t.read(out)
		if waited := cmd.Wait(); err == nil {
			err = waited
		}
	}
	if err != nil && t.failed == failed {
		t.fail(strings.Join(cmd.Args, " "), err.Error())
	}
}

// run runs a command that says nothing if all is well.
func run(dir, name string, args ...string) error {
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", cmd, err, out)
	}
	return nil
}
