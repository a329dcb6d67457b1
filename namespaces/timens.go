package namespaces

import (
	"errors"
	"fmt"
	"strings"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// clocks are those a time namespace can shift, in the order they are written.
var clocks = [...]string{"monotonic", "boottime"}

// checkOffsets validates linux.timeOffsets.
func checkOffsets(offsets map[string]specs.LinuxTimeOffset, ns *choice) error {
	const field = "/linux/timeOffsets"
	if len(offsets) > 0 && ns.new&newTime == 0 {
		if ns.has(newTime) {
			return &FieldError{field, fmt.Errorf("the offsets of the time namespace joined at %s are frozen: leave these out", ns.field(newTime, "path"))}
		}
		return &FieldError{field, errors.New(`offsets need a time namespace: add {"type":"time"} to /linux/namespaces`)}
	}
	for _, clock := range sortedKeys(offsets) {
		switch {
		case clock != clocks[0] && clock != clocks[1]:
			return &FieldError{field + "/" + escape(clock), errors.New("no such clock: use monotonic or boottime")}
		case offsets[clock].Nanosecs >= 1e9:
			return &FieldError{field + "/" + clock + "/nanosecs", fmt.Errorf("%d is a second or more: use secs", offsets[clock].Nanosecs)}
		}
	}
	return nil
}

// offsetText is what is written to timens_offsets.
func offsetText(offsets map[string]specs.LinuxTimeOffset) string {
	var b strings.Builder
	for _, clock := range clocks {
		if o, ok := offsets[clock]; ok {
			fmt.Fprintf(&b, "%s %d %d\n", clock, o.Secs, o.Nanosecs)
		}
	}
	return b.String()
}

// offsetOptions are the same for unshare(1), which knows whole seconds only.
func offsetOptions(offsets map[string]specs.LinuxTimeOffset) []string {
	var words []string
	for _, clock := range clocks {
		if o, ok := offsets[clock]; ok {
			words = append(words, fmt.Sprintf("--%s %d", clock, o.Secs))
		}
	}
	return words
}

// offsetOps write the offsets, which is possible only while the namespace is
// without a process: the second clone then makes the first one in it.
func offsetOps(c Config, child *Child) []Op {
	if len(c.TimeOffsets) == 0 {
		return nil
	}
	return []Op{&procWrite{
		note:  note{"/linux/timeOffsets", "Shifts the clocks of the new time namespace while no process is in it yet; afterwards they are frozen (time_namespaces(7))"},
		child: child, file: "timens_offsets", text: offsetText(c.TimeOffsets),
	}}
}
