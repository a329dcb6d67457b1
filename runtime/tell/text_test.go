package tell

import (
	"bytes"
	"fmt"
	"math"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"mini/hack/golden"
)

// full is a sample with all there is.
var full = Sample{
	ID: "web", Cgroup: "/mini/web", At: noon.Add(time.Hour), Start: noon,
	State: "healthy", Ready: of(true), Pid: 4711, Restarts: 2, Deaths: 2, Exit: of(137), Dropped: 3,
	Checks: []CheckSample{
		{Name: "web", Role: "liveness", Successes: 100, Failures: 2, Errors: 1, Last: "success", LastAt: noon, LastDuration: 1500 * time.Microsecond, CPU: 42 * time.Millisecond, Peak: 1 << 20},
		{Name: `a "b" \c` + "\n", Role: "startup"},
	},
	Usage: &Usage{
		CPU: &CPU{Usage: 1234567, User: 1000000, System: 234567, Periods: 10, Throttled: 4, ThrottledMicros: 250000, Quota: 50000, Period: 100000, Shares: 512},
		Memory: &Memory{Current: 30 << 20, Peak: 32 << 20, Limit: 32 << 20, Reservation: 1 << 20, Swap: 4096, SwapLimit: math.MaxUint64,
			File: 10 << 20, Anon: 20 << 20, InactiveFile: 5 << 20, Mapped: 1 << 20, Kernel: 1 << 19, PageFaults: 12345, MajorFaults: 3, LimitHits: 7},
		Pids:        &Pids{Processes: 3, Current: 5, Limit: math.MaxUint64},
		Devices:     []Device{{Major: 254, ReadBytes: 1 << 40, Reads: 10, WrittenBytes: 4096, Writes: 1}, {Name: "/dev/sdb", Major: 8, Minor: 16}},
		Huge:        []Huge{{Size: "2MB", Current: 2 << 20, Failures: 1}},
		CPUPressure: &Pressure{Some: 1500000, Full: 500000}, MemoryPressure: &Pressure{Some: 1}, IOPressure: &Pressure{},
		OOMKills: of(uint64(1)),
	},
}

// bare is what there is between two runs of a container without a cgroup.
var bare = Sample{ID: "db", State: "backoff", Restarts: 1, Deaths: 1}

func TestTextGolden(t *testing.T) {
	golden.Compare(t, "full.prom", string(AppendText(nil, full)))
	golden.Compare(t, "two.prom", string(AppendText(nil, bare, full)))
}

var (
	metricName = regexp.MustCompile(`^[a-zA-Z_:][a-zA-Z0-9_:]*$`)
	sampleLine = regexp.MustCompile(`^([a-zA-Z_:][a-zA-Z0-9_:]*)\{([^\n]*)\} ([^ \n]+)$`)
	labelPair  = regexp.MustCompile(`^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(,|$)`)
)

// lint reads the text format as its definition has it, more strictly than
// Prometheus does: each metric's lines are together under one HELP and one TYPE,
// in this order, no two have the same labels, and counters end with _total,
// where the name is ours.
func lint(text []byte) error {
	if !utf8.Valid(text) || len(text) > 0 && text[len(text)-1] != '\n' {
		return fmt.Errorf("not UTF-8 or no last line's end")
	}
	var family, kind string
	families, samples := map[string]bool{}, map[string]bool{}
	for _, line := range strings.Split(strings.TrimSuffix(string(text), "\n"), "\n") {
		words := strings.SplitN(line, " ", 4)
		switch {
		case words[0] == "#" && words[1] == "HELP":
			if family = words[2]; families[family] || !metricName.MatchString(family) || words[3] == "" {
				return fmt.Errorf("%s", line)
			}
			families[family], kind = true, ""
		case words[0] == "#" && words[1] == "TYPE":
			if kind != "" || words[2] != family || words[3] != "counter" && words[3] != "gauge" {
				return fmt.Errorf("%s", line)
			}
			if kind = words[3]; strings.HasPrefix(family, "mini_") && (kind == "counter") != strings.HasSuffix(family, "_total") {
				return fmt.Errorf("%s: name and kind do not fit", line)
			}
		default:
			m := sampleLine.FindStringSubmatch(line)
			if m == nil || m[1] != family || kind == "" {
				return fmt.Errorf("%s: not below its type", line)
			}
			labels, err := lintLabels(m[2])
			if err != nil {
				return fmt.Errorf("%s: %w", line, err)
			}
			if _, err := strconv.ParseFloat(m[3], 64); err != nil || samples[family+labels] {
				return fmt.Errorf("%s: twice, or no number", line)
			}
			samples[family+labels] = true
		}
	}
	return nil
}

func lintLabels(text string) (key string, err error) {
	var names, pairs []string
	for text != "" {
		m := labelPair.FindStringSubmatch(text)
		if m == nil || slices.Contains(names, m[1]) || m[3] == "," && len(m[0]) == len(text) {
			return "", fmt.Errorf("labels at %q", text)
		}
		names, pairs = append(names, m[1]), append(pairs, m[1]+"="+m[2])
		text = text[len(m[0]):]
	}
	slices.Sort(pairs)
	return strings.Join(pairs, ","), nil
}

// TestText holds the format, and that what a sample does not have is not there.
func TestText(t *testing.T) {
	for name, text := range map[string][]byte{
		"full": AppendText(nil, full), "bare": AppendText(nil, bare), "both": AppendText(nil, bare, full), "none": AppendText(nil),
		"nothing": AppendText(nil, Sample{}), "empty": AppendText(nil, Sample{Usage: &Usage{CPU: &CPU{}, Memory: &Memory{}, Pids: &Pids{}}}),
	} {
		if err := lint(text); err != nil && len(text) > 0 {
			t.Errorf("%s: %v", name, err)
		}
		promtool(t, text)
	}
	if text := string(AppendText(nil, bare)); strings.Contains(text, "container_cpu") || !strings.Contains(text, `id="/db"`) {
		t.Errorf("bare: %s", text)
	}
}

// promtool asks Prometheus's own parser where it is installed. What it finds
// ugly in cAdvisor's names is not ours to change.
func promtool(t *testing.T, text []byte) {
	t.Helper()
	path, err := exec.LookPath("promtool")
	if err != nil {
		return
	}
	cmd := exec.Command(path, "check", "metrics")
	cmd.Stdin = bytes.NewReader(text)
	out, _ := cmd.CombinedOutput()
	for line := range strings.Lines(string(out)) {
		if !strings.HasPrefix(line, "container_") {
			t.Errorf("promtool: %s", line)
		}
	}
}

// TestLint: a parser that finds nothing wrong proves nothing.
func TestLint(t *testing.T) {
	for _, bad := range []string{
		"a{} 1\n", "# HELP a b\na{} 1\n", "# HELP a b\n# TYPE a gauge\na{} 1", "# HELP a b\n# TYPE a gauge\na{} x\n",
		"# HELP a b\n# TYPE a gauge\na{b=\"\\x\"} 1\n", "# HELP a b\n# TYPE a gauge\na{b=\"\"c\"} 1\n", "# HELP a b\n# TYPE a gauge\na{b=\"c\",} 1\n",
		"# HELP a b\n# TYPE a gauge\na{b=\"c\"} 1\na{b=\"c\"} 2\n", "# HELP a b\n# TYPE a gauge\na{b=\"c\",b=\"d\"} 1\n",
		"# HELP a b\n# TYPE a gauge\na{} 1\n# HELP a b\n# TYPE a gauge\n", "# HELP mini_a b\n# TYPE mini_a counter\n", "# HELP a b\n# TYPE b gauge\n",
	} {
		if lint([]byte(bad)) == nil {
			t.Errorf("no complaint about %q", bad)
		}
	}
}

// FuzzText: whatever names there are, the text is one.
func FuzzText(f *testing.F) {
	f.Add("web", "/mini/web", "check", "liveness", uint64(1), int64(2))
	f.Add("\"\\\n", "\xff{}", "a,b=\"c\"", " ", uint64(math.MaxUint64), int64(-1))
	f.Fuzz(func(t *testing.T, id, cgroup, name, device string, n uint64, at int64) {
		s := Sample{
			ID: id, Cgroup: cgroup, At: time.Unix(at%1e9, 0), State: name, Restarts: n,
			Checks: []CheckSample{{Name: name, Role: device, Successes: n, Last: name, LastDuration: time.Duration(at), Peak: n}},
			Usage: &Usage{
				CPU: &CPU{Usage: n, Quota: n, Period: n}, Memory: &Memory{Current: n, InactiveFile: n / 2, Limit: n}, Pids: &Pids{Limit: n},
				Devices: []Device{{Name: device, Reads: n}}, Huge: []Huge{{Size: device, Current: n}},
			},
		}
		if err := lint(AppendText(nil, s)); err != nil {
			t.Error(err)
		}
	})
}
