package runtime

import (
	"fmt"
	"os"

	"mini/cgroups"
)

// keeper is the process that a scope of systemd begins with, since init is
// born in its cgroup and so has to find it there: an init that is never told
// anything, and ends with its channel.
type keeper struct {
	note
	pid     int // the cell that package cgroups looks into
	process *os.Process
	channel channel
}

// Do needs no protected view of our binary: nothing of a container runs beside
// the keeper.
func (k *keeper) Do() error {
	ours, theirs, err := pair()
	if err != nil {
		return err
	}
	defer theirs.f.Close()
	k.channel = ours
	k.process, err = os.StartProcess("/proc/self/exe", initArgs(0), &os.ProcAttr{
		Dir: "/", Env: []string{}, Files: []*os.File{nil, nil, nil, theirs.f},
	})
	if err != nil {
		return fmt.Errorf("start ourselves: %w", err)
	}
	k.pid = k.process.Pid
	return nil
}

func (k *keeper) String() string { return "start a process that keeps the scope" }
func (k *keeper) Shell() string  { return "" }

// end lets the keeper go, and returns when it has. Without one it does nothing.
func (k *keeper) end() error {
	if k == nil || k.process == nil {
		return nil
	}
	k.channel.f.Close()
	_ = k.process.Kill() // or we would wait until it has found out
	_, err := k.process.Wait()
	k.process = nil
	return err
}

// endKeeper is the step for that.
type endKeeper struct {
	note
	keeper *keeper
}

func (o endKeeper) Do() error      { return o.keeper.end() }
func (o endKeeper) String() string { return "end the process that keeps the scope" }
func (o endKeeper) Shell() string  { return "" }

// systemd is what package cgroups has to know for systemd's driver, nil without.
func (p *Plan) systemd() *cgroups.Systemd {
	if !p.config.SystemdCgroup {
		return nil
	}
	const field = "/linux/cgroupsPath"
	p.keeper = &keeper{note: note{field, "Systemd makes no scope without a process, and drops it without one; init comes later, born in it (systemd.scope(5))."}}
	p.add(Prepare, p.keeper)
	p.add(Late, endKeeper{note{field, "Init is in the scope now, and counts alone against the limit of tasks."}, p.keeper})
	return &cgroups.Systemd{ID: p.config.ID, Keeper: &p.keeper.pid, Description: "mini container " + p.dir.Path, Annotations: p.config.Spec.Annotations}
}
