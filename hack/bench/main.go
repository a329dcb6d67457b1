// Command bench measures what it takes a runtime to run /bin/true from an OCI
// bundle: wall time, CPU time, page faults, memory and system calls, for several
// runtimes in turns, so that whatever the machine does meanwhile hits all alike.
//
//	go run ./hack/bench [-n 50] [-json] [NAME=PATH...]
//
// Only the ratios mean something on another machine. It needs root; where cgroups
// are hybrid it runs in a mount namespace with a plain cgroup2
// (hack/private-cgroup2).
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

func main() {
	n := flag.Int("n", 50, "how often each runtime runs")
	asJSON := flag.Bool("json", false, "print JSON")
	flag.Parse()
	names := flag.Args()
	if len(names) == 0 {
		names = []string{"mini=bin/mini", "runc=/usr/sbin/runc", "crun=/usr/bin/crun"}
	}
	if err := bench(names, *n, *asJSON); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func bench(names []string, n int, asJSON bool) error {
	runtimes, err := parse(names)
	if err != nil {
		return err
	}
	if err := plainCgroup(); err != nil {
		return err
	}
	if err := allowMemlock(); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "mini-bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := makeBundle(dir); err != nil {
		return err
	}
	results, err := measure(runtimes, dir, n)
	if err != nil {
		return err
	}
	if asJSON {
		return json.NewEncoder(os.Stdout).Encode(results)
	}
	print(os.Stdout, results)
	return nil
}

// runtime is one program that is measured.
type runtime struct{ name, path string }

// parse reads NAME=PATH; a path is made absolute, for the bundle is elsewhere.
func parse(args []string) (list []runtime, err error) {
	for _, arg := range args {
		name, path, ok := strings.Cut(arg, "=")
		if !ok || name == "" || path == "" {
			return nil, fmt.Errorf("%q is not NAME=PATH", arg)
		}
		if path, err = filepath.Abs(path); err != nil {
			return nil, err
		}
		list = append(list, runtime{name, path})
	}
	return list, nil
}

// plainCgroup starts this program again behind hack/private-cgroup2 if it must.
func plainCgroup() error {
	var fs unix.Statfs_t
	if err := unix.Statfs("/sys/fs/cgroup", &fs); err != nil || fs.Type == unix.CGROUP2_SUPER_MAGIC {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	return syscall.Exec("hack/private-cgroup2", append([]string{"private-cgroup2", self}, os.Args[1:]...), os.Environ())
}
