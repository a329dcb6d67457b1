package cgroups

import (
	"math"
	"strconv"
	"strings"
)

// infinity is what systemd takes for no limit in a property.
const infinity = math.MaxUint64

// unitProperties are those that systemd would otherwise write its own values
// over, each from the file that the setting is about
// (systemd.resource-control(5)). A value that is no plain number, which only
// unified can give, has none; neither has cpu.idle: the kernel refuses a weight
// for an idle group, so systemd cannot undo it.
func unitProperties(settings []setting) (list []property) {
	for _, s := range settings {
		file, value := s.file, s.value
		if s.other != nil {
			file, value = s.other.file, s.other.value
		}
		if !s.check {
			list = append(list, unitProperty(file, value)...)
		}
	}
	return list
}

// numberProperty names the property of a file with one number or max.
func numberProperty(file string) string {
	switch file {
	case "memory.max":
		return "MemoryMax"
	case "memory.high":
		return "MemoryHigh"
	case "memory.low":
		return "MemoryLow"
	case "memory.min":
		return "MemoryMin"
	case "memory.swap.max":
		return "MemorySwapMax"
	case "cpu.weight":
		return "CPUWeight"
	case "io.weight":
		return "IOWeight"
	case "pids.max":
		return "TasksMax"
	}
	return ""
}

func unitProperty(file, value string) []property {
	value = strings.TrimSpace(value)
	switch file {
	case "cpu.max":
		return cpuProperties(value)
	case "cpuset.cpus":
		return setProperty("AllowedCPUs", value)
	case "cpuset.mems":
		return setProperty("AllowedMemoryNodes", value)
	case "io.weight":
		value = strings.TrimPrefix(value, "default ")
	}
	name := numberProperty(file)
	n, err := number(value)
	if err != nil || name == "" {
		return nil
	}
	if file == "pids.max" {
		n = max(n, 1) // systemd knows no 0, and the program itself is one
	}
	return []property{{name, n}}
}

// cpuProperties turns "QUOTA PERIOD" into microseconds a second.
func cpuProperties(value string) []property {
	words := strings.Fields(value)
	if len(words) == 0 {
		return nil
	}
	quota, err := number(words[0])
	period := uint64(defaultPeriod)
	if err == nil && len(words) > 1 {
		period, err = number(words[1])
	}
	if err != nil || period == 0 || period > maxCPUPeriod {
		return nil
	}
	perSecond := uint64(infinity)
	if quota < infinity/1000000 {
		perSecond = (quota*1000000 + period - 1) / period
	}
	return []property{{"CPUQuotaPerSecUSec", perSecond}, {"CPUQuotaPeriodUSec", period}}
}

// setProperty turns a list such as 0-2,7 into bytes, CPU 0 being the lowest bit
// of the first.
func setProperty(name, list string) []property {
	var mask []byte
	for part := range strings.SplitSeq(list, ",") {
		from, to, isRange := strings.Cut(strings.TrimSpace(part), "-")
		first, err := strconv.ParseUint(from, 10, 13)
		last := first
		if err == nil && isRange {
			last, err = strconv.ParseUint(to, 10, 13)
		}
		if err != nil {
			return nil
		}
		for ; first <= last; first++ {
			for uint64(len(mask)) <= first/8 {
				mask = append(mask, 0)
			}
			mask[first/8] |= 1 << (first % 8)
		}
	}
	return []property{{name, mask}}
}
