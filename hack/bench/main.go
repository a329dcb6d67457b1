// Command bench measures what containers cost: from the spawn of a runtime that runs
// /bin/true from an OCI bundle to its exit, create, start and delete, exec, memory,
// and many containers, for several runtimes in turns, so that whatever the machine
// does meanwhile hits all alike. Programs that do less than a runtime (unshare,
// bubblewrap) show the floor.
//
//	go run ./hack/bench [-n 50] [-many 100] [-json] [NAME=COMMAND...]
//
// Only the ratios mean something on another machine. It needs root; where cgroups
// are hybrid it runs in a mount namespace with a plain cgroup2
// (hack/private-cgroup2). README.md beside it has what was found.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"golang.org/x/sys/unix"

	"mini/hack/bench/host"
)

func main() {
	n := flag.Int("n", 50, "how often each command runs")
	many := flag.Int("many", 100, "how many containers are run one by one, and 8 at a time; 0 for none")
	asJSON := flag.Bool("json", false, "print JSON")
	flag.Parse()
	names := flag.Args()
	if len(names) == 0 {
		names = []string{"mini=bin/mini", "runc=/usr/sbin/runc", "crun=/usr/bin/crun"}
	}
	if err := bench(names, *n, *many, *asJSON); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func bench(names []string, n, many int, asJSON bool) error {
	runtimes, err := parse(names)
	if err != nil {
		return err
	}
	if err := host.PlainCgroup(); err != nil {
		return err
	}
	if err := host.AllowMemlock(); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "mini-bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	state, err := os.MkdirTemp(tmpfs(), "mini-bench") // where runtimes keep it
	if err != nil {
		return err
	}
	defer os.RemoveAll(state)
	for i := range runtimes {
		runtimes[i].root = filepath.Join(state, runtimes[i].name)
	}
	results, err := everything(runtimes, dir, n, many)
	if err != nil {
		return err
	}
	summarize(results)
	if asJSON {
		return json.NewEncoder(os.Stdout).Encode(results)
	}
	print(os.Stdout, results)
	return nil
}

// everything measures all there is to measure, the runtimes first.
func everything(runtimes []runtime, dir string, n, many int) ([]result, error) {
	root, short, long := filepath.Join(dir, "rootfs"), filepath.Join(dir, "true"), filepath.Join(dir, "sleep")
	if err := makeRoot(root); err != nil {
		return nil, err
	}
	if err := makeBundle(short, root, "/bin/true"); err != nil {
		return nil, err
	}
	if err := makeBundle(long, root, "/bin/sleep", "600"); err != nil {
		return nil, err
	}
	var results []result
	for _, r := range runtimes {
		results = append(results, newResult(r.name))
	}
	if err := shortLived(runtimes, results, short, n); err != nil {
		return nil, err
	}
	if err := longRunning(runtimes, results, long, n); err != nil {
		return nil, err
	}
	if err := inNumbers(runtimes, results, short, many); err != nil {
		return nil, err
	}
	low, err := measureFloors(root, dir, n)
	return append(results, low...), err
}

func newResult(name string) result {
	return result{Name: name, Samples: map[string][]sample{}, Numbers: map[string]float64{}}
}

// shortLived times whole lives.
func shortLived(runtimes []runtime, results []result, bundle string, n int) (err error) {
	var runs, lives []trial
	for i, r := range runtimes {
		info, err := os.Stat(r.words[len(r.words)-1])
		if err != nil {
			return err
		}
		results[i].Numbers[binarySize] = float64(info.Size()) / 1024
		if err := countOnce(results[i].Numbers, func(id string) *exec.Cmd { return r.run(bundle, id) }, bundle); err != nil {
			return err
		}
		runs = append(runs, single("run", func(turn int) *exec.Cmd { return r.run(bundle, fmt.Sprintf("run-%d", turn)) }))
		lives = append(lives, lifecycle(r, bundle))
	}
	if err := turns(results, runs, n); err != nil {
		return err
	}
	return turns(results, lives, n)
}

// longRunning looks at containers that stay, and times exec in them.
func longRunning(runtimes []runtime, results []result, bundle string, n int) (err error) {
	var trials []trial
	for i, r := range runtimes {
		if results[i].Numbers[besideProgram], err = supervisor(r, bundle); err != nil {
			return err
		}
		s, waiting, err := sleep(r, bundle)
		if err != nil {
			return err
		}
		defer s.end()
		results[i].Numbers[waitingInit] = waiting
		trials = append(trials, single("exec", func(int) *exec.Cmd { return r.command("exec", s.id, "/bin/true") }))
	}
	return turns(results, trials, n)
}

// rounds is how often the containers that run 8 at a time are run.
const rounds = 5

// inNumbers runs many containers, one by one and 8 at a time, by turns too.
func inNumbers(runtimes []runtime, results []result, bundle string, many int) error {
	if many == 0 {
		return nil
	}
	var one, eight []trial
	for _, r := range runtimes {
		one = append(one, single("one", func(turn int) *exec.Cmd { return r.run(bundle, fmt.Sprintf("serial-%d", turn)) }))
		eight = append(eight, trial{"eight", func(int) (map[string]sample, error) {
			took, err := parallel(r, bundle, min(many, 100), 8)
			return map[string]sample{"eight": {Wall: took}}, err
		}})
	}
	if err := turns(results, one, many); err != nil {
		return err
	}
	for _, r := range results {
		r.Numbers[lastByFirst] = growth(r.Samples["one"])
	}
	return turns(results, eight, rounds)
}

// tmpfs is where there is one: /run is not everywhere.
func tmpfs() string {
	var st unix.Statfs_t
	if unix.Statfs("/run", &st) == nil && st.Type == unix.TMPFS_MAGIC {
		return "/run"
	}
	return "/dev/shm"
}
