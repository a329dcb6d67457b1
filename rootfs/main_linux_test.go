package rootfs

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// The test binary is its own helper program: started with this word it is the
// init of a container, builds its root, and then obeys a few commands in it.
const helperWord = "rootfs-test-init"

// builtWord starts it where a hand has built the root.
const builtWord = "rootfs-test-program"

// handMark has hands do what they can of the containers.
const handMark = "ROOTFS_TEST_HAND"

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && (os.Args[1] == helperWord || os.Args[1] == builtWord) {
		if err := helper(os.Args[1] == builtWord); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	if os.Getuid() != 0 || os.Getenv(privateMark) != "" || fuzzing() {
		os.Exit(m.Run())
	}
	os.Exit(private())
}

// privateMark tells the tests that their mount namespace is their own.
const privateMark = "ROOTFS_TEST_PRIVATE"

// fuzzing: the fuzzer hands descriptors to its workers, and mounts nothing.
func fuzzing() bool {
	for _, a := range os.Args {
		if strings.HasPrefix(a, "-test.fuzz") && !strings.HasPrefix(a, "-test.fuzzcachedir") {
			return true
		}
	}
	return false
}

// private runs all tests again in a mount namespace of their own, where
// they may mount what they like, and looks whether the host has seen anything: once
// with programs as init, once with hands.
func private() int {
	if status := privately(); status != 0 {
		return status
	}
	os.Setenv(handMark, "1")
	return privately()
}

func privately() int {
	before := mountinfo()
	cmd := exec.Command("/proc/self/exe", os.Args[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.Env = append(os.Environ(), privateMark+"=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{Unshareflags: unix.CLONE_NEWNS, Pdeathsig: syscall.SIGKILL}
	if err := cmd.Run(); err != nil {
		return 1
	}
	for end := time.Now().Add(time.Minute); ; time.Sleep(100 * time.Millisecond) { // others may mount meanwhile
		after := mountinfo()
		if after == before {
			return 0
		}
		if time.Now().After(end) {
			fmt.Fprintf(os.Stderr, "mounts left on the host\nbefore:\n%s\nafter:\n%s", before, after)
			return 1
		}
	}
}

func mountinfo() string {
	b, _ := os.ReadFile("/proc/self/mountinfo")
	return string(b)
}
