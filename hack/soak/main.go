// Command soak runs many short containers, some at a time, kills mini itself in
// the middle of one in ten, and then looks whether the host is as it was: its
// processes, mounts, cgroups, interfaces, BPF programs, keyrings, descriptors,
// files and memory.
//
//	make soak
//	go run ./hack/soak [-n 10000] [-j 8] [-kill 10] [-seed N] [MINI]
//
// It needs root. All runs in pid, mount, network and ipc namespaces of its own,
// so that nobody else's are counted, and in a cgroup2 tree (hack/private-cgroup2);
// memory, BPF programs, keyrings and open files are the machine's: what others map of
// shared memory is taken off, and with more of the rest than before it is counted
// again for a minute.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

// A soak is what the flags say.
type soak struct {
	mini, rootfs, state string
	n, jobs, kill       int
	seed                uint64
}

func main() {
	s := soak{rootfs: "examples/rootfs", state: "/run/mini-soak"}
	flag.IntVar(&s.n, "n", 10000, "how many containers")
	flag.IntVar(&s.jobs, "j", 8, "how many at a time")
	flag.IntVar(&s.kill, "kill", 10, "in how many of a hundred mini is killed")
	flag.Uint64Var(&s.seed, "seed", rand.Uint64(), "of chance")
	flag.Parse()
	s.mini = "bin/mini"
	if flag.NArg() > 0 {
		s.mini = flag.Arg(0)
	}
	if err := s.run(); err != nil {
		fmt.Fprintln(os.Stderr, "soak:", err)
		os.Exit(1)
	}
}

func (s soak) run() error {
	inside, err := alone()
	if err != nil || !inside {
		return err
	}
	if s.mini, err = filepath.Abs(s.mini); err != nil {
		return err
	}
	if err := s.round(200); err != nil { // what is loaded or cached once is not a leak
		return err
	}
	before, err := count(s.state, s.rootfs, machine)
	if err != nil {
		return err
	}
	begin := time.Now()
	if err := s.round(s.n); err != nil {
		return err
	}
	fmt.Printf("%d containers, %d at a time, mini killed in %d%% of them, in %.0f s (seed %d)\n",
		s.n, s.jobs, s.kill, time.Since(begin).Seconds(), s.seed)
	return s.compare(before)
}

// compare counts again, for a minute if need be as long as there is more than
// before: what others on the machine have will go, and a leak will not.
func (s soak) compare(before []number) error {
	var after []number
	for range 12 {
		var err error
		if after, err = count(s.state, s.rootfs, machine); err != nil {
			return err
		}
		if compare(io.Discard, before, after) == nil {
			break
		}
		time.Sleep(5 * time.Second)
	}
	return compare(os.Stdout, before, after)
}

// round runs n containers and clears away what the killed ones left.
func (s soak) round(n int) error {
	t, err := s.runAll(n)
	fmt.Println(t)
	if out, failed := exec.Command(s.mini, "--root", s.state, "gc").CombinedOutput(); failed != nil {
		err = errors.Join(err, fmt.Errorf("mini gc: %w: %s", failed, out))
	}
	return errors.Join(err, settle())
}

// settle gives the kernel time to take down what it does beside: namespaces,
// dying cgroups. Its caches go too.
func settle() error {
	time.Sleep(2 * time.Second)
	reap()
	unix.Sync()
	return os.WriteFile("/proc/sys/vm/drop_caches", []byte("3"), 0)
}
