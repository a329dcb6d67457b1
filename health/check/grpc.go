package check

import (
	"context"
	"encoding/binary"
	"fmt"
	"net/url"
	"time"

	"mini/health"
)

// GRPC asks the service grpc.health.v1.Health, which gRPC servers offer by
// convention, over HTTP/2 without TLS.
type GRPC struct {
	Address string // as TCP's
	Service string // as the server names it; "" is the server as a whole
}

// Probe asks once. Success is SERVING. The output of a result is the status.
func (g GRPC) Probe(ctx context.Context, dial Dialer) health.Result {
	addresses, err := splitAddress(g.Address)
	if err != nil {
		return result(health.Error, err.Error())
	}
	if len(g.Service) > maxHead/2 {
		return result(health.Error, "the name of the service is too long")
	}
	request := h2Request(g.fields(ctx), grpcMessage(healthRequest(g.Service)))
	return probe(ctx, dial, "tcp", addresses, func(c Conn) (string, error) {
		if _, err := c.Write(request); err != nil {
			return "", err
		}
		a, err := readH2(newFeed(c, maxHead+maxBody), c)
		if err == nil {
			err = a.verdict()
		}
		return "SERVING", err
	})
}

// fields are the header of the request (gRPC over HTTP2, "Requests").
func (g GRPC) fields(ctx context.Context) [][2]string {
	list := [][2]string{
		{":method", "POST"}, {":scheme", "http"}, {":path", "/grpc.health.v1.Health/Check"}, {":authority", g.Address},
		{"te", "trailers"}, {"content-type", "application/grpc"}, {"user-agent", "mini"},
	}
	if end, ok := ctx.Deadline(); ok {
		left := max(1, time.Until(end).Milliseconds())
		list = append(list, [2]string{"grpc-timeout", fmt.Sprintf("%dm", min(left, 99999999))})
	}
	return list
}

// grpcMessage frames a message: not compressed, its length, itself.
func grpcMessage(m []byte) []byte {
	return append(binary.BigEndian.AppendUint32([]byte{0}, uint32(len(m))), m...)
}

// healthRequest is HealthCheckRequest{string service = 1} in protobuf.
func healthRequest(service string) []byte {
	if service == "" {
		return nil
	}
	return append(binary.AppendUvarint([]byte{1<<3 | 2}, uint64(len(service))), service...)
}

// servingNames are HealthCheckResponse.ServingStatus.
var servingNames = []string{"UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN"}

// statusNames are the codes of gRPC.
var statusNames = []string{
	"OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS",
	"PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE",
	"UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED",
}

func nameOf(list []string, n uint64) string {
	if n < uint64(len(list)) {
		return list[n]
	}
	return fmt.Sprintf("status %d", n)
}

// verdict is nil for an answer that says SERVING.
func (a h2Answer) verdict() error {
	var code uint64
	switch _, err := fmt.Sscanf(a.grpcStatus, "%d", &code); {
	case a.status != "200":
		return failuref("the answer has HTTP status %q, not 200", a.status)
	case err != nil:
		return failuref("the answer has no status of gRPC, but %q", a.grpcStatus)
	case code != 0:
		return failuref("%s: %s", nameOf(statusNames, code), unescape(a.grpcMessage))
	}
	serving, err := healthResponse(a.body)
	if err != nil {
		return err
	}
	if serving != 1 {
		return failure(nameOf(servingNames, serving))
	}
	return nil
}

// unescape undoes what grpc-message is sent in.
func unescape(text string) string {
	if plain, err := url.PathUnescape(text); err == nil {
		return plain
	}
	return text
}

// healthResponse reads the status of HealthCheckResponse{ServingStatus status =
// 1} out of its frame. What is not there is 0 in protobuf.
func healthResponse(body []byte) (uint64, error) {
	if len(body) < 5 || body[0] != 0 || binary.BigEndian.Uint32(body[1:]) != uint32(len(body)-5) {
		return 0, failuref("the answer is not one message of gRPC: %.20x", body)
	}
	var status uint64
	for rest := body[5:]; len(rest) > 0; {
		field, value, after := protobufField(rest)
		if after == nil {
			return 0, failuref("the answer is not protobuf: %.20x", body[5:])
		}
		if field == 1<<3|0 {
			status = value
		}
		rest = after
	}
	return status, nil
}

// protobufField takes one field off; after is nil if there is none. The value is
// that of a varint, or the length of what was skipped.
func protobufField(text []byte) (tag, value uint64, after []byte) {
	tag, n := binary.Uvarint(text)
	if n <= 0 || tag>>3 == 0 {
		return 0, 0, nil
	}
	text = text[n:]
	switch tag & 7 {
	case 1:
		value = 8
	case 5:
		value = 4
	case 0, 2:
		if value, n = binary.Uvarint(text); n <= 0 {
			return 0, 0, nil
		}
		if text = text[n:]; tag&7 == 0 {
			return tag, value, text
		}
	default:
		return 0, 0, nil
	}
	if value > uint64(len(text)) {
		return 0, 0, nil
	}
	return tag, value, text[value:]
}
