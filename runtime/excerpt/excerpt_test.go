package excerpt

import (
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestTextIsWhole: what was written before the end is all there, read by then or
// not, though a child of the probe still holds the pipe open.
func TestTextIsWhole(t *testing.T) {
	const limit = 4 << 10
	late := time.Now().Add(-time.Second)
	for _, want := range []string{"", "asked\n", strings.Repeat("x", limit), strings.Repeat("y", 60<<10)} {
		for i := range 200 {
			c, err := New(limit)
			if err != nil {
				t.Fatal(err)
			}
			child, err := unix.Dup(int(c.Write.Fd()))
			if err != nil {
				t.Fatal(err)
			}
			if i%2 == 0 { // the reader gets no processor in time
				_ = c.read.SetReadDeadline(late)
				<-c.done
			}
			if _, err := c.Write.WriteString(want); err != nil {
				t.Fatal(err)
			}
			got := c.Text()
			c.Close()
			unix.Close(child)
			if kept := want[:min(len(want), limit)]; got != kept {
				t.Fatalf("%d bytes of %d", len(got), len(kept))
			}
		}
	}
}
