package main

import (
	"os/exec"
	"path/filepath"
)

// floor is a program of other people's, written in C, that puts /bin/true into
// namespaces with less around it: no configuration, no state, no cgroup.
type floor struct {
	name string
	args func(root string) []string
}

var floors = []floor{
	{"unshare", func(root string) []string {
		return []string{"unshare", "--fork", "--pid", "--net", "--ipc", "--uts", "--cgroup", "--mount", "--mount-proc", filepath.Join(root, "bin/true")}
	}},
	{"bwrap", func(root string) []string {
		return []string{"bwrap", "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup",
			"--bind", root, "/", "--proc", "/proc", "--dev", "/dev", "/bin/true"}
	}},
}

// measureFloors measures those that are installed.
func measureFloors(root, dir string, n int) ([]result, error) {
	var results []result
	var trials []trial
	for _, f := range floors {
		args := f.args(root)
		if _, err := exec.LookPath(args[0]); err != nil {
			continue
		}
		command := func() *exec.Cmd { return exec.Command(args[0], args[1:]...) }
		r := newResult(f.name)
		if err := countOnce(r.Numbers, func(string) *exec.Cmd { return command() }, dir); err != nil {
			return nil, err
		}
		results = append(results, r)
		trials = append(trials, single("run", func(int) *exec.Cmd { return command() }))
	}
	if len(results) == 0 {
		return nil, nil
	}
	return results, turns(results, trials, n)
}
