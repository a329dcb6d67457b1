package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/opencontainers/runtime-spec/specs-go"

	"mini/cmd/mini/cli"
	"mini/runtime"
	"mini/runtime/bundle"
)

var updateCommand = &cli.Command{
	Name:      "update",
	Usage:     "change the limits of a container",
	ArgsUsage: "ID",
	More:      updateFlags,
	Action: func(c *cli.Context) error {
		name, err := id(c)
		if err != nil {
			return err
		}
		r, err := resources(c)
		if err != nil {
			return err
		}
		return runtime.Update(c.String("root"), name, r, logOf(c).watch())
	},
}

// limitFlag is a flag of update for one field of linux.resources.
type limitFlag struct {
	name, usage string
	set         func(r *specs.LinuxResources, value string) error
}

// limitFlags are runc's.
func limitFlags() []limitFlag {
	return []limitFlag{
		{"blkio-weight", "weight of block IO, 10 to 1000: `N`", func(r *specs.LinuxResources, s string) error {
			n, err := strconv.ParseUint(s, 10, 16)
			weight := uint16(n)
			r.BlockIO = &specs.LinuxBlockIO{Weight: &weight}
			return err
		}},
		{"cpu-period", "period of the CPU quota, in `MICROSECONDS`", unsigned(func(r *specs.LinuxResources) **uint64 { return &r.CPU.Period })},
		{"cpu-quota", "CPU time in each period, in `MICROSECONDS`; -1: no limit", signed(func(r *specs.LinuxResources) **int64 { return &r.CPU.Quota })},
		{"cpu-burst", "CPU time that may be saved up, in `MICROSECONDS`", unsigned(func(r *specs.LinuxResources) **uint64 { return &r.CPU.Burst })},
		{"cpu-share", "weight of CPU time, 2 to 262144: `N`", unsigned(func(r *specs.LinuxResources) **uint64 { return &r.CPU.Shares })},
		{"cpu-rt-period", "refused: cgroup v2 has no realtime limits", unsigned(func(r *specs.LinuxResources) **uint64 { return &r.CPU.RealtimePeriod })},
		{"cpu-rt-runtime", "refused: cgroup v2 has no realtime limits", signed(func(r *specs.LinuxResources) **int64 { return &r.CPU.RealtimeRuntime })},
		{"cpu-idle", "1: only runs when nobody else wants the CPU; 0: normal", signed(func(r *specs.LinuxResources) **int64 { return &r.CPU.Idle })},
		{"cpuset-cpus", "the CPUs it may use: `LIST` such as 0-3,6", func(r *specs.LinuxResources, s string) error { r.CPU.Cpus = s; return nil }},
		{"cpuset-mems", "the memory nodes it may use: `LIST`", func(r *specs.LinuxResources, s string) error { r.CPU.Mems = s; return nil }},
		{"memory", "limit of memory, in `BYTES` or with k, m, g; -1: no limit", size(func(r *specs.LinuxResources) **int64 { return &r.Memory.Limit })},
		{"memory-reservation", "memory that is left to it while others have some, in `BYTES`", size(func(r *specs.LinuxResources) **int64 { return &r.Memory.Reservation })},
		{"memory-swap", "limit of memory and swap together, in `BYTES`; -1: no limit", size(func(r *specs.LinuxResources) **int64 { return &r.Memory.Swap })},
		{"pids-limit", "limit of processes and threads: `N`; -1: no limit", func(r *specs.LinuxResources, s string) error {
			n, err := strconv.ParseInt(s, 10, 64)
			r.Pids = &specs.LinuxPids{Limit: &n}
			return err
		}},
		{"l3-cache-schema", "refused: see /linux/intelRdt", noRDT},
		{"mem-bw-schema", "refused: see /linux/intelRdt", noRDT},
	}
}

func noRDT(*specs.LinuxResources, string) error {
	return errors.New("Intel RDT is not supported: mini never joins a group of /sys/fs/resctrl")
}

func unsigned(field func(*specs.LinuxResources) **uint64) func(*specs.LinuxResources, string) error {
	return func(r *specs.LinuxResources, s string) error {
		n, err := strconv.ParseUint(s, 10, 64)
		*field(r) = &n
		return err
	}
}

func signed(field func(*specs.LinuxResources) **int64) func(*specs.LinuxResources, string) error {
	return func(r *specs.LinuxResources, s string) error {
		n, err := strconv.ParseInt(s, 10, 64)
		*field(r) = &n
		return err
	}
}

func size(field func(*specs.LinuxResources) **int64) func(*specs.LinuxResources, string) error {
	return func(r *specs.LinuxResources, s string) error {
		n, err := bundle.ParseSize(s)
		*field(r) = &n
		return err
	}
}

func updateFlags() []cli.Flag {
	flags := []cli.Flag{
		&cli.StringFlag{Name: "resources", Aliases: []string{"r"}, Usage: "take all from the linux.resources in `FILE`, - for stdin"},
		&cli.StringFlag{Name: "kernel-memory", Hidden: true},
		&cli.StringFlag{Name: "kernel-memory-tcp", Hidden: true},
	}
	for _, f := range limitFlags() {
		flags = append(flags, &cli.StringFlag{Name: f.name, Usage: f.usage})
	}
	return flags
}

// resources reads what is to be changed.
func resources(c *cli.Context) (specs.LinuxResources, error) {
	if path := c.String("resources"); path != "" {
		return readResources(c, path)
	}
	r := specs.LinuxResources{Memory: &specs.LinuxMemory{}, CPU: &specs.LinuxCPU{}}
	for _, name := range []string{"kernel-memory", "kernel-memory-tcp"} {
		if c.IsSet(name) {
			logOf(c).warn("--" + name + " has no effect: cgroup v2 counts the kernel's memory with the rest")
		}
	}
	for _, f := range limitFlags() {
		if !c.IsSet(f.name) || c.String(f.name) == "" {
			continue
		}
		if err := f.set(&r, c.String(f.name)); err != nil {
			return r, fmt.Errorf("--%s %s: %w", f.name, c.String(f.name), err)
		}
	}
	return r, nil
}

// readResources warns of what mini does not know, as it does in config.json.
func readResources(c *cli.Context, path string) (r specs.LinuxResources, err error) {
	var text []byte
	if path == "-" {
		text, err = io.ReadAll(os.Stdin)
	} else {
		text, err = os.ReadFile(path)
	}
	if err != nil {
		return r, fmt.Errorf("--resources: %w", err)
	}
	strict := json.NewDecoder(bytes.NewReader(text))
	strict.DisallowUnknownFields()
	if err := strict.Decode(&r); err == nil {
		return r, nil
	} else if strings.Contains(err.Error(), "unknown field") {
		logOf(c).warn("--resources " + path + ": " + err.Error() + ": passed over")
	}
	r = specs.LinuxResources{}
	if err := json.Unmarshal(text, &r); err != nil {
		return r, fmt.Errorf("--resources: parse %s: %w", path, err)
	}
	return r, nil
}
