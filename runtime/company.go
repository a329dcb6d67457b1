package runtime

import (
	"errors"

	"mini/health"
	"mini/namespaces"
)

// company is what goes with one run of a container, and ends with it.
type company struct {
	drain  func() error     // waits for the rest of its output
	peer   *namespaces.Peer // where its services are; nil: nobody asks, or it was gone too soon
	listen *listening       // for the checks that come by themselves
}

// accompany begins what goes with a run. That a probe cannot be made is no
// reason not to run: the probe says so.
func (s *supervisor) accompany(c *Container, drain func() error) company {
	peer, err := s.meet(c)
	if err != nil {
		s.Say(s.config.ID + ": its network cannot be asked: " + Explain(err))
	}
	return company{drain: drain, peer: peer}
}

// attend goes on until the end of the run, once the heartbeat knows of it.
func (s *supervisor) attend(c *Container, with company) {
	with.listen = s.listen(c)
	s.bury(c, with)
}

// end is for when the run has ended.
func (w company) end() error {
	w.listen.end()
	var err error
	if w.peer != nil {
		err = w.peer.Close()
	}
	return errors.Join(err, w.drain())
}

// exitOf is an end as the heartbeat has it.
func exitOf(d Death) health.Exit {
	if d.Signal != "" {
		return health.Exit{Signal: d.Status - 128}
	}
	return health.Exit{Status: d.Status}
}
