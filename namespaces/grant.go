package namespaces

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// Range is a row of ids of the host.
type Range struct{ First, Count uint32 }

// Last is the highest id of the range.
func (r Range) Last() uint32 { return r.First + r.Count - 1 }

func (r Range) String() string { return fmt.Sprintf("%d to %d", r.First, r.Last()) }

// Grant is what an ordinary user may map beside their own id: ranges that the
// administrator gave them in subuid(5) or subgid(5), written by a set-user-ID
// helper. The zero value is nothing.
type Grant struct {
	Helper string  // path of newuidmap(1) or newgidmap(1); "": nothing can be mapped
	Ranges []Range // in the order of the file
	Lack   string  // why nothing can be mapped, for people
}

// covers tells whether every id of m is in one of the ranges.
func (g Grant) covers(m specs.LinuxIDMapping) bool {
	at, end := uint64(m.HostID), uint64(m.HostID)+uint64(m.Size)
	for at < end {
		next := at
		for _, r := range g.Ranges {
			if uint64(r.First) <= at && at <= uint64(r.Last()) {
				next = uint64(r.Last()) + 1
			}
		}
		if next == at {
			return false
		}
		at = next
	}
	return true
}

// permits tells whether the helper will write these lines for the user own.
func (g Grant) permits(lines []specs.LinuxIDMapping, own uint32) bool {
	for _, m := range lines {
		if !g.covers(m) && (m.Size != 1 || m.HostID != own) {
			return false
		}
	}
	return g.Helper != ""
}

// terms says what may be mapped, for an error.
func (g Grant) terms(own uint32) string {
	if g.Helper == "" {
		return strings.TrimSuffix(fmt.Sprintf("without privileges only one id can be mapped, one's own: hostID %d, size 1; %s", own, g.Lack), "; ")
	}
	list := make([]string, len(g.Ranges))
	for i, r := range g.Ranges {
		list[i] = r.String()
	}
	return fmt.Sprintf("without privileges one can map one's own id, %d, and those granted: %s", own, strings.Join(list, ", "))
}

// alone tells whether lines are the one map that needs no helper.
func alone(lines []specs.LinuxIDMapping, own uint32) bool {
	return len(lines) == 1 && lines[0].Size == 1 && lines[0].HostID == own
}

// Setgroups tells whether a process will be able to set its supplementary
// groups in a new user namespace with this group map (user_namespaces(7)): an
// ordinary user has to give that up to map no more than their own group.
func (f Facts) Setgroups(gids []specs.LinuxIDMapping) bool {
	return f.Privileged || !alone(gids, f.GID)
}

// parseGrant reads the lines of subuid(5) or subgid(5) that are for a user, by
// name or by number. Like the helpers it passes over what it cannot read.
func parseGrant(text, name string, uid uint32) []Range {
	var ranges []Range
	for line := range strings.Lines(text) {
		f := strings.Split(strings.TrimSpace(line), ":")
		if len(f) != 3 || f[0] == "" || f[0] != name && f[0] != strconv.FormatUint(uint64(uid), 10) {
			continue
		}
		first, err1 := strconv.ParseUint(f[1], 10, 32)
		count, err2 := strconv.ParseUint(f[2], 10, 32)
		if err1 == nil && err2 == nil && count > 0 && first+count-1 <= maxID {
			ranges = append(ranges, Range{uint32(first), uint32(count)})
		}
	}
	return ranges
}

// parseName finds the name of a user in passwd(5), "" if there is none.
func parseName(text string, uid uint32) string {
	for line := range strings.Lines(text) {
		f := strings.SplitN(line, ":", 4)
		if len(f) == 4 && f[2] == strconv.FormatUint(uint64(uid), 10) {
			return f[0]
		}
	}
	return ""
}
