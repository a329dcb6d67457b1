package process

import (
	"fmt"
	"os"
	"strconv"
)

// setOOMScore is done by the parent, early: once init is no longer dumpable its
// files in /proc belong to root, and an ordinary user could not write them.
type setOOMScore struct {
	note
	score int
	pid   *int
}

func (o setOOMScore) Do() error {
	if o.pid == nil || *o.pid == 0 {
		return errNoPid
	}
	f, err := os.OpenFile("/proc/"+strconv.Itoa(*o.pid)+"/oom_score_adj", os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = f.WriteString(strconv.Itoa(o.score))
	return err
}

func (o setOOMScore) String() string {
	return fmt.Sprintf("write %d to oom_score_adj of init", o.score)
}
func (o setOOMScore) Shell() string {
	return fmt.Sprintf("echo %d > /proc/\"$pid\"/oom_score_adj", o.score)
}
