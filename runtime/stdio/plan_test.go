package stdio

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"

	"mini/hack/golden"
)

func TestPlanGolden(t *testing.T) {
	for name, c := range map[string]Config{
		"inherit":  {Size: &specs.Box{Height: 1 << 20}}, // a size without a terminal is to be ignored
		"terminal": {Terminal: true, Attached: true, Size: &specs.Box{Height: 25, Width: 80}},
	} {
		steps, err := Plan(c, Facts{TTY: true})
		if err != nil {
			t.Fatal(err)
		}
		golden.Compare(t, name+".golden", render(steps.Pivot))
	}
}

func render(ops []Op) string {
	var b strings.Builder
	for _, op := range ops {
		fmt.Fprintf(&b, "%v\n  # %s\n", op, op.Why())
		if op.Field() != "" {
			fmt.Fprintf(&b, "  from %s\n", op.Field())
		}
		for line := range strings.Lines(op.Shell()) {
			fmt.Fprintf(&b, "  $ %s\n", strings.TrimSuffix(line, "\n"))
		}
	}
	return b.String()
}

func TestPlanRefuses(t *testing.T) {
	for _, tt := range []struct {
		config Config
		want   string
	}{
		{Config{Terminal: true, Attached: true}, "/process/terminal: standard input is not a terminal: run mini in a terminal, or set terminal to false"},
		{Config{Terminal: true, Size: &specs.Box{Height: 65536}}, "/process/consoleSize/height: 65536 rows are more than 65535"},
		{Config{Terminal: true, Size: &specs.Box{Width: 70000}}, "/process/consoleSize/width: 70000 columns are more than 65535"},
	} {
		_, err := Plan(tt.config, Facts{})
		if err == nil || err.Error() != tt.want {
			t.Errorf("got %v, want %s", err, tt.want)
		}
	}
	_, err := Plan(Config{Terminal: true, Attached: true}, Facts{})
	if !errors.Is(err, ErrNotTTY) {
		t.Errorf("got %v, want ErrNotTTY", err)
	}
	if _, err := Plan(Config{Terminal: true}, Facts{}); err != nil {
		t.Errorf("not attached, so no terminal of ours is needed: %v", err)
	}
}

func TestEmptyCell(t *testing.T) {
	steps, err := Plan(Config{Terminal: true, Size: &specs.Box{Height: 1, Width: 1}}, Facts{})
	if err != nil {
		t.Fatal(err)
	}
	for _, op := range steps.Pivot {
		switch op.(type) {
		case openPty, newSession:
			continue
		}
		if err := op.Do(); !errors.Is(err, errNoTerminal) {
			t.Errorf("%v: got %v, want %v", op, err, errNoTerminal)
		}
	}
}
