package runtime

import (
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"mini/health"
)

// TestCaptureIsWhole: what was written before the end is all there, read by then or
// not, though a child of the probe still holds the pipe open.
func TestCaptureIsWhole(t *testing.T) {
	late := time.Now().Add(-time.Second)
	for _, want := range []string{"", "asked\n", strings.Repeat("x", health.MaxOutput), strings.Repeat("y", 60<<10)} {
		for i := range 200 {
			c, err := newCapture()
			if err != nil {
				t.Fatal(err)
			}
			child, err := unix.Dup(int(c.write.Fd()))
			if err != nil {
				t.Fatal(err)
			}
			if i%2 == 0 { // the reader gets no processor in time
				_ = c.read.SetReadDeadline(late)
				<-c.done
			}
			if _, err := c.write.WriteString(want); err != nil {
				t.Fatal(err)
			}
			got := c.text()
			c.close()
			unix.Close(child)
			if kept := want[:min(len(want), health.MaxOutput)]; got != kept {
				t.Fatalf("%d bytes of %d", len(got), len(kept))
			}
		}
	}
}
