package runtime

import (
	"errors"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// recorder collects what happened in which order.
type recorder []string

func (r *recorder) op(name string, err error) fake {
	return fake{text: name, do: func() error { *r = append(*r, "do "+name); return err }}
}

// lasting is an op that outlives the processes.
type lasting struct{ fake }

func (l lasting) Journal() string { return "file /" + l.text }

func TestExecute(t *testing.T) {
	var r recorder
	p := &Plan{Steps: []Step{
		{Prepare, lasting{r.op("a", nil)}},
		{Spawn, r.op("other stage", nil)},
		{Prepare, r.op("b", nil)},
	}}
	w := Watch{
		Before: func(i int, s Step) error { r = append(r, fmt.Sprintf("before %d %v", i, s)); return nil },
		After:  func(i int, s Step, _ time.Duration) { r = append(r, fmt.Sprintf("after %d %v", i, s)) },
	}
	err := p.execute(Prepare, w, func(line string) error { r = append(r, "journal "+line); return nil })
	if err != nil {
		t.Fatal(err)
	}
	want := recorder{
		"before 0 a", "journal file /a", "do a", "after 0 a",
		"before 2 b", "do b", "after 2 b",
	}
	if !reflect.DeepEqual(r, want) {
		t.Errorf("got  %q\nwant %q", r, want)
	}
}

// taken is an op that may find somebody else's.
type taken struct{ lasting }

func (t taken) Confirm() string { return "ours /" + t.text }

// TestExecuteConfirms: what fails is never noted as ours.
func TestExecuteConfirms(t *testing.T) {
	var r recorder
	p := &Plan{Steps: []Step{{Prepare, taken{lasting{r.op("a", nil)}}}, {Prepare, taken{lasting{r.op("b", unix.EBUSY)}}}}}
	err := p.execute(Prepare, Watch{}, func(line string) error { r = append(r, "journal "+line); return nil })
	if !errors.Is(err, unix.EBUSY) {
		t.Fatal(err)
	}
	want := recorder{"journal file /a", "do a", "journal ours /a", "journal file /b", "do b"}
	if !reflect.DeepEqual(r, want) {
		t.Errorf("got  %q\nwant %q", r, want)
	}
}

func TestExecuteStops(t *testing.T) {
	boom := fmt.Errorf("mount: %w", unix.EPERM)
	no := errors.New("no")
	for _, tt := range []struct {
		name    string
		watch   Watch
		journal error
		want    error
		done    int
	}{
		{"at a failure", Watch{}, nil, boom, 2},
		{"at a no", Watch{Before: func(int, Step) error { return no }}, nil, no, 0},
		{"without a journal", Watch{}, no, no, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var r recorder
			p := &Plan{Steps: []Step{{Mount, lasting{r.op("a", nil)}}, {Mount, r.op("b", boom)}, {Mount, r.op("c", nil)}}}
			err := p.execute(Mount, tt.watch, func(string) error { return tt.journal })
			if !errors.Is(err, tt.want) || len(r) != tt.done {
				t.Errorf("got %v after %q, want %v after %d steps", err, r, tt.want, tt.done)
			}
			var step *StepError
			if !errors.As(err, &step) || step.Stage != "mount" {
				t.Errorf("got %#v, want a StepError of stage mount", err)
			}
		})
	}
}

func TestIdentity(t *testing.T) {
	self, err := identify(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	if !self.alive() {
		t.Error("we are not alive")
	}
	before := identity{self.pid, self.start - 1}
	if before.alive() {
		t.Error("an earlier process with our pid is alive")
	}
	if err := before.signal(unix.SIGKILL); !errors.Is(err, unix.ESRCH) {
		t.Errorf("signal to an earlier process with our pid: %v, want ESRCH", err)
	}
	if (identity{}).alive() {
		t.Error("no process is alive")
	}
}

func TestIdentityKill(t *testing.T) {
	p, err := os.StartProcess("/bin/sleep", []string{"sleep", "1000"}, &os.ProcAttr{})
	if err != nil {
		t.Fatal(err)
	}
	id, err := identify(p.Pid)
	if err != nil {
		t.Fatal(err)
	}
	if err := id.kill(); err != nil {
		t.Fatal(err)
	}
	if id.alive() {
		t.Error("alive after kill")
	}
	if err := id.kill(); err != nil {
		t.Errorf("second kill: %v", err)
	}
	if _, err := p.Wait(); err != nil {
		t.Fatal(err)
	}
}

func TestParseStat(t *testing.T) {
	const rest = " S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 4242 21"
	for _, line := range []string{"1 (sh)" + rest, "1 (a) R 1)" + rest, "1 ()" + rest} {
		status, start, err := parseStat([]byte(line))
		if status != 'S' || start != 4242 || err != nil {
			t.Errorf("parseStat(%q) = %c, %d, %v", line, status, start, err)
		}
	}
	for _, line := range []string{"", "1 (sh)", "1 (sh) S 1"} {
		if _, _, err := parseStat([]byte(line)); err == nil {
			t.Errorf("parseStat(%q): no error", line)
		}
	}
}

// FuzzParseStat: no line of a process's makes an end of one that has not ended.
func FuzzParseStat(f *testing.F) {
	f.Add([]byte("1 (sh) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 4242 21"))
	f.Add([]byte("1 (Z) Z) Z 1" + strings.Repeat(" 4242", 60)))
	f.Fuzz(func(t *testing.T, line []byte) {
		status, start, err := parseStat(line)
		if _, ended := parseZombie(line, 4242); ended && (err != nil || status != 'Z' || start != 4242) {
			t.Errorf("%q is an end, and parseStat says %c, %d, %v", line, status, start, err)
		}
	})
}

// FuzzParseIdentity: a process that is read comes back as it was written.
func FuzzParseIdentity(f *testing.F) {
	f.Add("12 345")
	f.Add("-1 0")
	f.Fuzz(func(t *testing.T, text string) {
		id, err := parseIdentity(text)
		if err != nil {
			return
		}
		if again, err := parseIdentity(id.String()); err != nil || again != id {
			t.Errorf("%q is %+v, and that %+v, %v", text, id, again, err)
		}
	})
}
