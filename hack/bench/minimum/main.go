// Command minimum finds the smallest memory limit under which a container with a
// static `true` starts and ends well, for several runtimes: what a runtime's own
// init is charged for is missing to the program. It needs root and a cgroup v2
// host with the memory controller, so the VM:
//
//	make bench-memory
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// step is how exact the answer is, in bytes: the kernel charges by pages, and
// counts some of them in batches of 64 (memcontrol.h, MEMCG_CHARGE_BATCH).
const step = 64 << 10

// tries is how often a start has to go well: whether it does near the limit is
// also a matter of chance.
const tries = 3

func main() {
	busybox := flag.String("busybox", "/bin/busybox", "a static busybox")
	flag.Parse()
	names := flag.Args()
	if len(names) == 0 {
		names = []string{"mini=bin/mini", "runc=/usr/sbin/runc", "crun=/usr/bin/crun"}
	}
	if err := run(names, *busybox); err != nil {
		fmt.Fprintln(os.Stderr, "minimum:", err)
		os.Exit(1)
	}
}

func run(names []string, busybox string) error {
	dir, err := os.MkdirTemp("", "mini-minimum")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := makeRoot(filepath.Join(dir, "rootfs"), busybox); err != nil {
		return err
	}
	fmt.Println("smallest memory limit under which a static true runs")
	for _, each := range names {
		name, path, _ := strings.Cut(each, "=")
		if path, err = filepath.Abs(path); err != nil {
			return err
		}
		n, err := smallest(func(limit int64) (bool, error) { return starts(path, dir, limit) })
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		fmt.Printf("%-6s %6d KiB\n", name, n>>10)
	}
	return nil
}

// smallest searches between nothing and 64 MiB.
func smallest(enough func(int64) (bool, error)) (int64, error) {
	low, high := int64(0), int64(64<<20)/step
	for high-low > 1 {
		middle := (low + high) / 2
		ok, err := enough(middle * step)
		if err != nil {
			return 0, err
		}
		if ok {
			high = middle
		} else {
			low = middle
		}
	}
	return high * step, nil
}

// starts says whether all tries went well.
func starts(runtime, dir string, limit int64) (bool, error) {
	if err := writeConfig(dir, limit); err != nil {
		return false, err
	}
	for i := range tries {
		id := fmt.Sprintf("minimum-%d-%d", os.Getpid(), i)
		cmd := exec.Command(runtime, "run", "--bundle", dir, id)
		cmd.WaitDelay = time.Second
		time.AfterFunc(2*time.Minute, func() { _ = cmd.Process.Kill() })
		err := cmd.Run()
		_ = exec.Command(runtime, "delete", "--force", id).Run()
		if err != nil {
			return false, nil
		}
	}
	return true, nil
}

func makeRoot(root, busybox string) error {
	for _, sub := range []string{"bin", "proc", "dev", "sys"} {
		if err := os.MkdirAll(filepath.Join(root, sub), 0o755); err != nil {
			return err
		}
	}
	text, err := os.ReadFile(busybox)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(root, "bin/true"), text, 0o755)
}

// writeConfig is the same for all runtimes: no namespace that only some can make.
func writeConfig(dir string, limit int64) error {
	type object = map[string]any
	config := object{
		"ociVersion": "1.0.2",
		"root":       object{"path": "rootfs"},
		"process":    object{"args": []string{"/bin/true"}, "cwd": "/", "env": []string{"PATH=/bin"}, "user": object{"uid": 0, "gid": 0}},
		"mounts":     []object{{"destination": "/proc", "type": "proc", "source": "proc"}},
		"linux": object{
			"namespaces": []object{{"type": "pid"}, {"type": "mount"}, {"type": "ipc"}, {"type": "uts"}},
			"resources":  object{"memory": object{"limit": limit, "swap": limit}},
		},
	}
	text, err := json.MarshalIndent(config, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "config.json"), text, 0o644)
}
