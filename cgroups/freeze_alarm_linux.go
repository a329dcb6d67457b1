package cgroups

import "golang.org/x/sys/unix"

// Frozen and Thawed are what a FreezeAlarm tells.
const (
	Frozen = "frozen"
	Thawed = "thawed"
)

// FreezeAlarm waits for the group to be frozen or thawed, whoever does it; one
// that is frozen already is told of at once (cgroup.events, cgroup-v2.rst).
func (g *Group) FreezeAlarm() (*Alarm, error) {
	a := &Alarm{}
	err := a.open(g, "cgroup.events", unix.O_RDONLY)
	f := freezer{counter: counter{file: "cgroup.events"}}
	a.look = func() (string, error) { return f.turned(a.files[0]) }
	if a, err = a.listen(err); err == nil {
		a.bell.ring() // for what happened before it
	}
	return a, err
}

// A freezer remembers whether a group was frozen.
type freezer struct {
	counter
	frozen bool
}

// turned says what has become of the group since the last look.
func (f *freezer) turned(fd int) (string, error) {
	events, err := readPairs(fd, f.file)
	if err != nil {
		return "", err
	}
	was := f.frozen
	switch f.frozen = events["frozen"] != 0; {
	case f.frozen && !was:
		return Frozen, nil
	case was && !f.frozen:
		return Thawed, nil
	}
	return "", f.inhabited(fd)
}
