package runtime

import (
	"fmt"
	"testing"
	"time"
)

// TestChatter: a status is told once, and no more than ten in ten seconds.
func TestChatter(t *testing.T) {
	var c chatter
	start := time.Unix(0, 0)
	told := 0
	for i := range 300 { // for 30 seconds, ten a second
		if c.worth(fmt.Sprint("loading ", i), start.Add(time.Duration(i)*100*time.Millisecond)) {
			told++
		}
	}
	if told != 30 {
		t.Errorf("%d were told, want 30", told)
	}
	later := start.Add(time.Hour)
	if !c.worth("ready", later) || c.worth("ready", later.Add(time.Minute)) {
		t.Error("the same again is told, or another is not")
	}
}
