package integration

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// The tests of cve_*_test.go are the published holes of other runtimes. Each
// shows the attack failing. Where it was a race it is run as one: the attacker's
// part is a thread here that swaps a path as fast as it can while containers
// start. All use the commands of OCI runtimes only, and so can be run with an old
// one, to see that they can fail:
//
//	go test ./hack/integration -run 'CVE202531133' -attacked /usr/sbin/runc

var attacked = flag.String("attacked", "", "the runtime that the tests of published holes attack in mini's place: `PATH`")

// under is the program that is tested. What a configuration looks like, mini
// says in any case.
func (u user) under(args []string) string {
	switch {
	case u.program != "" && args[0] != "spec":
		return u.program
	case *attacked != "" && args[0] != "spec":
		return *attacked
	}
	return miniPath
}

// races is how often a container is started while somebody swaps paths, at least.
const races = 60

// A victim is a root file system that an attacker can write to while containers
// start in it, and a directory of the host which nothing must happen to.
type victim struct {
	user
	root, host string
	swaps      *swapper // nil: nothing is swapped

	named, started *int // containers: all, and those that were not refused
}

func newVictim(t *testing.T) victim {
	t.Helper()
	v := victim{user: newUser(t), root: filepath.Join(t.TempDir(), "root"), host: t.TempDir(), named: new(int), started: new(int)}
	if err := os.CopyFS(v.root, os.DirFS(rootfsDir)); err != nil {
		t.Fatal(err)
	}
	err := writeFiles(v.host, map[string]string{"secret": secret, "ptmx": secret})
	if err == nil {
		err = writeFiles(v.root, map[string]string{"etc/masked": "not masked\n", "etc/victim": "not masked\n"})
	}
	if err != nil {
		t.Fatal(err)
	}
	return v
}

const secret = "of the host\n"

// bundle is one on the attacked root, which is used as it is, without a user
// namespace: nothing but the runtime stands between its root and the host.
func (v victim) bundle(changes ...func(*specs.Spec)) string {
	v.t.Helper()
	own := func(s *specs.Spec) {
		s.Root = &specs.Root{Path: v.root}
		s.Linux.Resources = nil
		if *attacked != "" {
			s.Version = "1.0.2" // which all know
		}
	}
	return v.user.bundle(append([]func(*specs.Spec){own, withoutUserNS}, changes...)...)
}

// run runs a container as an engine would. What fails must do so before the
// program runs, and with nothing done to the host.
func (v victim) run(dir string) result {
	v.t.Helper()
	r := v.mini("run", "--bundle", dir, v.name())
	v.judge(r)
	return r
}

// name is one that no container has had.
func (v victim) name() string {
	*v.named++
	return fmt.Sprintf("cve-%d-%d", os.Getpid(), *v.named)
}

// judge looks at the host after a start, and counts those that were not refused.
func (v victim) judge(r result) {
	v.t.Helper()
	if strings.Contains(r.stdout+r.stderr, secret) {
		v.t.Errorf("the host's file is seen inside:\n%s%s", r.stdout, r.stderr)
	}
	if r.status == 0 {
		*v.started++
	} else if r.status != 125 && r.status != 1 {
		v.t.Errorf("status %d: %s", r.status, r.stderr)
	}
	v.untouched()
}

// untouched requires that the host's directory is as it was and that nothing is
// mounted there.
func (v victim) untouched() {
	v.t.Helper()
	for _, name := range []string{"secret", "ptmx"} {
		if text, err := os.ReadFile(filepath.Join(v.host, name)); string(text) != secret {
			v.t.Errorf("the host's file %s has %q, %v", name, text, err)
		}
	}
	if list, err := os.ReadDir(v.host); err != nil || len(list) != 2 {
		v.t.Errorf("the host's directory has %v, %v", list, err)
	}
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil || strings.Contains(string(mounts), v.host) {
		v.t.Errorf("something is mounted on the host's directory, or: %v", err)
	}
	if v.t.Failed() {
		v.t.FailNow() // the rest would say the same
	}
}

// starts goes on until the race was one. How many starts get through hangs on who has
// the processor when.
func (v victim) starts(yield func() bool) {
	for n := 0; n < races || *v.started < races/5 && n < 20*races; n++ {
		if !yield() {
			return
		}
	}
}

// raced requires that enough starts got through for the race to be one.
func (v victim) raced() {
	v.t.Helper()
	v.t.Logf("%d of %d starts were not refused", *v.started, *v.named)
	if *v.started < races/5 {
		v.t.Errorf("no race: only %d of %d starts were not refused", *v.started, *v.named)
	}
}

// swapper exchanges two paths until it is told to stop.
type swapper struct {
	real, fake string
	over       chan struct{}
	thread     sync.WaitGroup
}

// plant puts a link beside a path of the root, and swaps the two until the
// test's end.
func (v *victim) plant(path, target string) {
	v.t.Helper()
	s := &swapper{real: filepath.Join(v.root, path), fake: filepath.Join(v.root, path+".swap")}
	if err := os.Symlink(target, s.fake); err != nil {
		v.t.Fatal(err)
	}
	v.swaps = s
	s.start()
	v.t.Cleanup(s.stop)
}

func (s *swapper) start() {
	s.over = make(chan struct{})
	s.thread.Go(func() {
		for {
			select {
			case <-s.over:
				return
			default:
				_ = unix.Renameat2(unix.AT_FDCWD, s.real, unix.AT_FDCWD, s.fake, unix.RENAME_EXCHANGE)
			}
		}
	})
}

// stop leaves the real one in its place.
func (s *swapper) stop() {
	select {
	case <-s.over:
	default:
		close(s.over)
	}
	s.thread.Wait()
	if st, err := os.Lstat(s.real); err == nil && st.Mode()&os.ModeSymlink != 0 {
		_ = unix.Renameat2(unix.AT_FDCWD, s.real, unix.AT_FDCWD, s.fake, unix.RENAME_EXCHANGE)
	}
}

// mount adds one to the configuration.
func mount(m specs.Mount) func(*specs.Spec) {
	return func(s *specs.Spec) { s.Mounts = append(s.Mounts, m) }
}

// unmount takes those at a path, and below it, out of the configuration.
func unmount(path string) func(*specs.Spec) {
	return func(s *specs.Spec) {
		s.Mounts = slices.DeleteFunc(s.Mounts, func(m specs.Mount) bool {
			return m.Destination == path || strings.HasPrefix(m.Destination, path+"/")
		})
	}
}

// capable adds capabilities to the sets that count for a program.
func capable(caps ...string) func(*specs.Spec) {
	return func(s *specs.Spec) {
		c := s.Process.Capabilities
		for _, set := range []*[]string{&c.Bounding, &c.Permitted, &c.Effective} {
			*set = append(*set, caps...)
		}
	}
}

// copyInto puts a program of the tests into the attacked root.
func (v victim) copyInto(program, name string) {
	v.t.Helper()
	if err := run("cp", program, filepath.Join(v.root, name)); err != nil {
		v.t.Fatal(err)
	}
}
