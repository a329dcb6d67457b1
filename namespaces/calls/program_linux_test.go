package calls

import (
	"bytes"
	format "debug/elf"
	"io"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// TestProgram looks at the file. That its code runs where it is copied to is what
// all tests of hands show.
func TestProgram(t *testing.T) {
	file, err := Program()
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if _, err := unix.Write(int(file.Fd()), []byte("x")); err != unix.EPERM {
		t.Errorf("written to: %v, want EPERM", err)
	}
	f, err := format.NewFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if len(f.Progs) != 4 || f.Type != format.ET_EXEC || uint16(f.Machine) != machines[runtime.GOARCH] {
		t.Fatalf("%v for %v with %d segments", f.Type, f.Machine, len(f.Progs))
	}
	for i, want := range []format.ProgFlag{format.PF_R | format.PF_X, format.PF_R | format.PF_W, format.PF_R | format.PF_W, format.PF_R | format.PF_W} {
		if got := f.Progs[i].Flags; got != want { // nothing is both written and executed
			t.Errorf("segment %d is %v, want %v", i, got, want)
		}
	}
	text, err := io.ReadAll(f.Progs[0].Open())
	if err != nil {
		t.Fatal(err)
	}
	if code := machineCode(t); !bytes.Equal(text[f.Entry-handBase:], code) {
		t.Errorf("at its entry are % x, not the code", text[f.Entry-handBase:])
	}
}

// machineCode is the code of a hand. It has an end, once, in the KiB that is looked
// at for it.
func machineCode(t *testing.T) []byte {
	t.Helper()
	text := unsafe.Slice((*byte)(word(uint64(handText()))), maxCode)
	if n := bytes.Count(text, handMark); n != 1 {
		t.Fatalf("the mark is there %d times", n)
	}
	code := handCode(text)
	if len(code)+len(handMark) > maxCode || len(code) < 256 {
		t.Errorf("%d bytes of code", len(code))
	}
	t.Logf("%d bytes of code", len(code))
	return code
}

// TestEmulated runs the tests of this package as a program for arm64, hands
// included, in an emulator of that machine.
func TestEmulated(t *testing.T) {
	if *emulator != "" {
		t.Skip("this is what is run there")
	}
	qemu := ""
	for _, name := range []string{"qemu-aarch64", "qemu-aarch64-static"} {
		if path, err := exec.LookPath(name); err == nil {
			qemu = path
		}
	}
	if qemu == "" {
		t.Skip("qemu-aarch64 is not installed: package qemu-user, hack/bootstrap")
	}
	program := filepath.Join(t.TempDir(), "calls.test")
	build := exec.Command("go", "test", "-c", "-o", program, ".")
	build.Env = append(build.Environ(), "GOARCH=arm64", "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	out, err := exec.Command(qemu, program, "-test.v", "-emulator", qemu).CombinedOutput()
	if err != nil || !bytes.Contains(out, []byte("--- PASS: TestResultsAreArguments/hand")) {
		t.Errorf("%v: %s", err, out)
	}
}
