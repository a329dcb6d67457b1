package integration

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// The tree, and in it what TestMain makes: mini, and the root file system of
// all bundles, which the tests also prove that no container can change.
const (
	top        = "../.."
	binaries   = top + "/bin/test"
	miniPath   = binaries + "/mini"
	faultPath  = binaries + "/mini-faults" // with -tags faults: dies where it is told to
	rootfsDir  = binaries + "/rootfs"
	toolsPath  = binaries + "/userland" // of the examples: it has setpriv, which busybox has not
	attackPath = binaries + "/attack"   // what runs in the container of an attacker
)

// inVM says that we have the controllers of cgroup v2. There nothing is built.
var inVM = os.Getenv("MINI_VM") == "1"

func TestMain(m *testing.M) {
	flag.Parse()
	if os.Getuid() != 0 {
		os.Exit(withoutRoot())
	}
	if err := prepare(); err != nil {
		fmt.Println("integration:", err)
		os.Exit(1)
	}
	before := look("")
	status := m.Run()
	if left := leftSince(before, ""); len(left) > 0 {
		fmt.Printf("left behind by the tests:\n%s\n", strings.Join(left, "\n"))
		status = 1
	}
	os.Exit(status)
}

// withoutRoot tells why no test runs, and fails where that may not be.
func withoutRoot() int {
	fmt.Println("integration: these tests need root")
	if os.Getenv("CI") != "" {
		return 1
	}
	return 0
}

// prepare gives us a plain cgroup2, takes in the orphans of what we start, and
// builds.
func prepare() error {
	if err := plainCgroup(); err != nil {
		return err
	}
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("become subreaper: %w", err)
	}
	if _, err := os.Stat(miniPath); inVM && err == nil {
		return onTmpfs(rootfsDir)
	}
	if err := alone(); err != nil {
		return err
	}
	if err := build(miniPath, ""); err != nil {
		return err
	}
	if err := build(faultPath, "faults"); err != nil {
		return err
	}
	for path, pkg := range map[string]string{toolsPath: "./examples/userland", attackPath: "./hack/integration/attack"} {
		if err := run("env", "CGO_ENABLED=0", "go", "build", "-C", top, "-trimpath", "-o", strings.TrimPrefix(path, top+"/"), pkg); err != nil {
			return err
		}
	}
	return makeRootfs(rootfsDir)
}

// virtiofs is the magic number of FUSE, which virtiofs shares (statfs(2)).
const virtiofs = 0x65735546

// onTmpfs puts the root file system on one where it is on an overlay or on the
// host's files, as all is in hack/vmrun: neither can be idmapped. Only a machine
// that is thrown away gets here, so the mount stays.
func onTmpfs(dir string) error {
	var fs unix.Statfs_t
	if err := unix.Statfs(dir, &fs); err != nil || fs.Type != unix.OVERLAYFS_SUPER_MAGIC && fs.Type != virtiofs {
		return err
	}
	if err := run("mount", "-t", "tmpfs", "-o", "mode=755", "rootfs", dir); err != nil {
		return err
	}
	return makeRootfs(dir)
}

// alone waits until no other run of these tests uses the binaries or disturbs
// the looks for leaks. The lock ends with the process.
func alone() error {
	if err := os.MkdirAll(binaries, 0o755); err != nil {
		return err
	}
	lock, err := unix.Open(binaries+"/lock", unix.O_CREAT|unix.O_RDWR|unix.O_CLOEXEC, 0o644)
	if err != nil {
		return fmt.Errorf("open the lock of the tests: %w", err)
	}
	return unix.Flock(lock, unix.LOCK_EX)
}

// build builds mini as the Makefile does.
func build(path, tags string) error {
	return run("env", "CGO_ENABLED=0", "GOEXPERIMENT=nogreenteagc,norandomizedheapbase64", "go", "build", "-C", top, "-trimpath", "-tags", tags,
		"-ldflags", "-s -w -X runtime.godebugDefault=containermaxprocs=0,memprofilerate=0",
		"-o", strings.TrimPrefix(path, top+"/"), "./cmd/mini")
}

// plainCgroup starts this program again behind hack/private-cgroup2 on a machine
// whose cgroups are not plain v2.
func plainCgroup() error {
	var fs unix.Statfs_t
	if err := unix.Statfs("/sys/fs/cgroup", &fs); err != nil || fs.Type == unix.CGROUP2_SUPER_MAGIC {
		return err
	}
	wrapper, err := filepath.Abs("../private-cgroup2")
	if err != nil {
		return err
	}
	return syscall.Exec(wrapper, append([]string{wrapper}, os.Args...), os.Environ())
}

// makeRootfs makes a small system of Debian's static busybox.
func makeRootfs(dir string) error {
	if err := run("sh", "-c", `rm -rf "$0"/*`, dir); err != nil {
		return err
	}
	for _, name := range []string{"bin", "etc", "proc", "sys", "dev", "tmp", "data", "root"} {
		if err := os.MkdirAll(filepath.Join(dir, name), 0o755); err != nil {
			return err
		}
	}
	busybox, err := exec.LookPath("busybox")
	if err != nil {
		return fmt.Errorf("run hack/bootstrap: %w", err)
	}
	// Not os.Link: busybox may be on another file system.
	if err := run("cp", busybox, filepath.Join(dir, "bin/busybox")); err != nil {
		return err
	}
	if err := run("chroot", dir, "/bin/busybox", "--install", "-s", "/bin"); err != nil {
		return err
	}
	return writeFiles(dir, map[string]string{
		"etc/passwd": "root:x:0:0:root:/root:/bin/sh\nguest:x:1000:1000:guest:/tmp:/bin/sh\n",
		"etc/group":  "root:x:0:\nguest:x:1000:\naudio:x:63:guest\n",
		"etc/plain":  "#!/bin/sh\necho not executable\n",
	})
}

func writeFiles(dir string, files map[string]string) error {
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// run runs a command that says nothing if all is well.
func run(name string, args ...string) error {
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		return fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, out)
	}
	return nil
}
