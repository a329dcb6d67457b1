package cgroups

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// number parses a counter; "max" is math.MaxUint64.
func number(s string) (uint64, error) {
	if s = strings.TrimSpace(s); s == "max" {
		return math.MaxUint64, nil
	}
	return strconv.ParseUint(s, 10, 64)
}

// parsePairs parses lines of a name and a number ("flat keyed" in the kernel's
// documentation): memory.stat, cpu.stat, *.events.
func parsePairs(text string) (map[string]uint64, error) {
	m := make(map[string]uint64)
	for line := range strings.Lines(text) {
		if strings.TrimSpace(line) == "" {
			continue
		}
		name, value, ok := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		n, err := number(value)
		if !ok || err != nil || name == "" {
			return nil, fmt.Errorf("line %q is not a name and a number", strings.TrimSuffix(line, "\n"))
		}
		m[name] = n
	}
	return m, nil
}

// parseQuota parses cpu.max, a quota and a period, and gives the processors that
// they make; 0 is no quota.
func parseQuota(text string) (float64, error) {
	quota, period, _ := strings.Cut(strings.TrimSpace(text), " ")
	if quota == "max" {
		return 0, nil
	}
	q, err := strconv.ParseUint(quota, 10, 64)
	p, err2 := strconv.ParseUint(period, 10, 64)
	if err != nil || err2 != nil || p == 0 {
		return 0, fmt.Errorf("%q is not a quota and a period", text)
	}
	return float64(q) / float64(p), nil
}

// parsePids parses cgroup.procs.
func parsePids(text string) ([]int, error) {
	var pids []int
	for _, word := range strings.Fields(text) {
		pid, err := strconv.ParseUint(word, 10, 31)
		if err != nil {
			return nil, fmt.Errorf("%q is not a pid", word)
		}
		pids = append(pids, int(pid))
	}
	return pids, nil
}

// parseNested parses lines of a name and key=value pairs ("nested keyed"):
// io.stat and the pressure files. The value stays a string.
func parseNested(text string) ([]nested, error) {
	var out []nested
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		n := nested{name: words[0], pairs: make(map[string]string)}
		for _, w := range words[1:] {
			key, value, ok := strings.Cut(w, "=")
			if !ok || key == "" {
				return nil, fmt.Errorf("%q is not key=value", w)
			}
			n.pairs[key] = value
		}
		out = append(out, n)
	}
	return out, nil
}

type nested struct {
	name  string
	pairs map[string]string
}

// parseIO parses io.stat. A device without any I/O yet has a bare line.
func parseIO(text string) ([]IODevice, error) {
	lines, err := parseNested(text)
	if err != nil {
		return nil, err
	}
	var out []IODevice
	for _, l := range lines {
		major, minor, _ := strings.Cut(l.name, ":")
		a, err1 := strconv.ParseUint(major, 10, 32)
		b, err2 := strconv.ParseUint(minor, 10, 32)
		if err1 != nil || err2 != nil {
			return nil, fmt.Errorf("%q is not a device number", l.name)
		}
		d := IODevice{Major: uint32(a), Minor: uint32(b)}
		for key, p := range map[string]*uint64{
			"rbytes": &d.ReadBytes, "wbytes": &d.WrittenBytes, "rios": &d.Reads,
			"wios": &d.Writes, "dbytes": &d.DiscardedBytes, "dios": &d.Discards,
		} {
			if err := l.number(key, p); err != nil {
				return nil, err
			}
		}
		out = append(out, d)
	}
	return out, nil
}

// number stores the value of a key, if it is there.
func (l nested) number(key string, p *uint64) error {
	value, ok := l.pairs[key]
	if !ok {
		return nil
	}
	n, err := strconv.ParseUint(value, 10, 64)
	if err != nil {
		return fmt.Errorf("%s=%q is not a number", key, value)
	}
	*p = n
	return nil
}

// parsePressure parses cpu.pressure, memory.pressure or io.pressure.
func parsePressure(text string) (*Pressure, error) {
	lines, err := parseNested(text)
	if err != nil {
		return nil, err
	}
	var p Pressure
	for _, l := range lines {
		var s Stall
		for key, f := range map[string]*float64{"avg10": &s.Avg10, "avg60": &s.Avg60, "avg300": &s.Avg300} {
			if *f, err = strconv.ParseFloat(l.pairs[key], 64); err != nil {
				return nil, fmt.Errorf("%s %s=%q is not a number", l.name, key, l.pairs[key])
			}
		}
		if err := l.number("total", &s.Total); err != nil {
			return nil, err
		}
		switch l.name {
		case "some":
			p.Some = s
		case "full":
			p.Full = s
		}
	}
	return &p, nil
}

// parseOwn parses /proc/self/cgroup (cgroups(7)): the path in v2, "" without
// v2, and the hierarchy number of each v1 controller.
func parseOwn(text string) (own string, v1 map[string]int, err error) {
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		parts := strings.SplitN(line, ":", 3)
		id, convErr := strconv.Atoi(parts[0])
		if len(parts) != 3 || convErr != nil {
			return "", nil, fmt.Errorf("line %q is not number:controllers:path", line)
		}
		if parts[1] == "" {
			own = parts[2]
			continue
		}
		for c := range strings.SplitSeq(parts[1], ",") {
			if !strings.Contains(c, "=") { // name=systemd has no controller
				if v1 == nil {
					v1 = make(map[string]int)
				}
				v1[c] = id
			}
		}
	}
	return own, v1, nil
}

// parseMount finds the first mount of cgroup2 in /proc/self/mountinfo
// (proc_pid_mountinfo(5)); "" if there is none.
func parseMount(text string) string {
	for line := range strings.Lines(text) {
		before, after, ok := strings.Cut(line, " - ")
		fields := strings.Fields(before)
		if ok && len(fields) > 4 && strings.HasPrefix(after, "cgroup2 ") {
			return unescapeOctal(fields[4])
		}
	}
	return ""
}

// unescapeOctal undoes \040 and the like.
func unescapeOctal(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+4 <= len(s) {
			if n, err := strconv.ParseUint(s[i+1:i+4], 8, 8); err == nil {
				b.WriteByte(byte(n))
				i += 3
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
