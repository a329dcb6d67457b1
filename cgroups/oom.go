package cgroups

// Level is the memory account of one cgroup on the way from the container's up
// to the root; see Group.MemoryLevels.
type Level struct {
	Path  string       // absolute
	Total MemoryEvents // memory.events: this group and below
	Local MemoryEvents // memory.events.local: this group's limit alone
}

// Culprit says whose memory ran out when the OOM killer came.
type Culprit string

const (
	NoOOM      Culprit = ""         // nothing was killed
	OwnLimit   Culprit = "own"      // the container's own memory.max
	InnerLimit Culprit = "inner"    // a limit below, set inside the container
	OuterLimit Culprit = "ancestor" // a limit above: Path names it
	HostLimit  Culprit = "host"     // no limit: the whole machine was out of memory
)

// OOM is the account of the OOM killer's work in a container.
type OOM struct {
	Kills   uint64 // processes of the container that were killed
	Culprit Culprit
	Path    string // the cgroup whose limit it was, for OwnLimit and OuterLimit
}

// Blame compares two readings of MemoryLevels, the container's own group first,
// and says what killed. It is pure. A nil before means the group was new.
//
// memory.events counts upwards: a kill is counted for the killed process's
// group and all above it, the "oom" of a limit for the group that has the
// limit and all above it. So kills without an "oom" of one's own come from
// above: from the nearest group that says so itself (memory.events.local), or,
// if none does, from the machine.
func Blame(before, after []Level) OOM {
	if len(after) == 0 {
		return OOM{}
	}
	earlier := make(map[string]Level, len(before))
	for _, l := range before {
		earlier[l.Path] = l
	}
	own, was := after[0], earlier[after[0].Path]
	o := OOM{Kills: since(own.Total.OOMKill, was.Total.OOMKill)}
	switch {
	case o.Kills == 0:
		return o
	case since(own.Local.OOM, was.Local.OOM) > 0:
		o.Culprit, o.Path = OwnLimit, own.Path
		return o
	case since(own.Total.OOM, was.Total.OOM) > 0:
		o.Culprit = InnerLimit
		return o
	}
	for _, l := range after[1:] {
		if since(l.Local.OOM, earlier[l.Path].Local.OOM) > 0 {
			o.Culprit, o.Path = OuterLimit, l.Path
			return o
		}
	}
	o.Culprit = HostLimit
	return o
}

// since is the growth of a counter. A smaller value means that the group was
// made anew, so all of it is growth.
func since(now, then uint64) uint64 {
	if now < then {
		return now
	}
	return now - then
}
