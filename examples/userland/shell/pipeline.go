package shell

import (
	"os"

	"golang.org/x/sys/unix"
)

// pipeline starts all stages and waits for all; the last one's status counts.
func (s *Shell) pipeline(p *Pipeline) error {
	if len(p.Stages) == 1 { // ! COMMAND
		_, err := s.condition(p.Stages[0])
		s.negate(p.Not)
		return err
	}
	var jobs []*job
	in := s.files[0]
	for i, stage := range p.Stages {
		j, out, err := s.stage(stage, in, i == len(p.Stages)-1)
		if in != s.files[0] {
			in.Close() // of the stage alone now: a reader's death must be seen
		}
		if err != nil {
			return s.failed(err)
		}
		jobs, in = append(jobs, j), out
	}
	for _, j := range jobs {
		s.status = s.waitFor(j)
	}
	s.negate(p.Not)
	return nil
}

// stage starts one command that reads in; out is what the next one reads.
func (s *Shell) stage(n Node, in *os.File, last bool) (j *job, out *os.File, err error) {
	files := s.files
	files[0] = in
	if !last {
		r, w, err := pipe()
		if err != nil {
			return nil, nil, err
		}
		defer w.Close()
		files[1], out = w, r
	}
	if j, err = s.launch(n, files); err != nil {
		j = &job{done: make(chan struct{}), status: s.launchStatus(err)}
		close(j.done)
	}
	return j, out, nil
}

// pipe is os.Pipe without O_NONBLOCK: the programs share it.
func pipe() (r, w *os.File, err error) {
	var fds [2]int
	if err := unix.Pipe2(fds[:], unix.O_CLOEXEC); err != nil {
		return nil, nil, os.NewSyscallError("pipe2", err)
	}
	return os.NewFile(uintptr(fds[0]), "|0"), os.NewFile(uintptr(fds[1]), "|1"), nil
}

func (s *Shell) negate(not bool) {
	if not {
		s.status = int(truth(s.status == 0))
	}
}
