package runtime

import (
	"context"

	"mini/health"
	"mini/health/check"
	"mini/namespaces"
	"mini/runtime/checks"
)

// prober is a check that is made over a connection.
type prober interface {
	Probe(ctx context.Context, dial check.Dialer) health.Result
}

// probeOutside asks from here, over a socket that belongs to the container's
// network: no process is started.
func probeOutside(ctx context.Context, k checks.Check, peer *namespaces.Peer) health.Result {
	p := over(k)
	if p == nil {
		return health.Result{Kind: health.Error, Output: "no such kind of check: " + k.Kind()}
	}
	return p.Probe(ctx, func(ctx context.Context, network, address string) (check.Conn, error) {
		f, err := peer.Dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return f, nil
	})
}

// over translates the settings of a check that needs a connection; nil for
// another.
func over(k checks.Check) prober {
	switch {
	case k.HTTP != nil:
		return check.HTTP{URL: k.HTTP.URL, Method: k.HTTP.Method, Header: k.HTTP.Headers, Accept: k.HTTP.Statuses.Has, Match: k.HTTP.Match}
	case k.TCP != nil:
		return check.TCP{Address: k.TCP.Address, Send: k.TCP.Send, Expect: k.TCP.Expect}
	case k.Unix != nil:
		return check.Unix{Path: k.Unix.Path, Send: k.Unix.Send, Expect: k.Unix.Expect}
	case k.GRPC != nil:
		return check.GRPC{Address: k.GRPC.Address, Service: k.GRPC.Service}
	}
	return nil
}
