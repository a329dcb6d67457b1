package check

import (
	"bytes"
	"encoding/binary"
	"io"

	"golang.org/x/net/http2/hpack"
)

// The little of HTTP/2 (RFC 9113) that one request needs. It is sent in one
// piece, before anything is read: the initial settings allow it.

// Types of frames, and flags.
const (
	frameData, frameHeaders, frameReset, frameSettings = 0, 1, 3, 4
	framePush, framePing, frameGoAway, frameContinues  = 5, 6, 7, 9

	flagEndStream, flagAck   = 1, 1
	flagEndHeaders           = 4
	flagPadded, flagPriority = 8, 0x20
)

// A frame has at most that many bytes, as we announce nothing else.
const maxFrame = 16 << 10

const preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

// noPush is SETTINGS_ENABLE_PUSH, 0.
var noPush = []byte{0, 2, 0, 0, 0, 0}

// h2Request is everything that we say of ourselves.
func h2Request(fields [][2]string, body []byte) []byte {
	var block bytes.Buffer
	e := hpack.NewEncoder(&block)
	for _, f := range fields {
		// Sensitive keeps it out of the table, whose size we do not know yet.
		_ = e.WriteField(hpack.HeaderField{Name: f[0], Value: f[1], Sensitive: true})
	}
	b := append([]byte(preface), frame(frameSettings, 0, 0, noPush)...)
	b = append(b, frame(frameHeaders, flagEndHeaders, 1, block.Bytes())...)
	return append(b, frame(frameData, flagEndStream, 1, body)...)
}

func frame(kind, flags byte, stream uint32, body []byte) []byte {
	n := len(body)
	b := []byte{byte(n >> 16), byte(n >> 8), byte(n), kind, flags}
	return append(binary.BigEndian.AppendUint32(b, stream), body...)
}

// h2Answer is what came on our stream.
type h2Answer struct {
	status, grpcStatus, grpcMessage string
	body                            []byte
}

// h2Reader takes the server's frames.
type h2Reader struct {
	h2Answer
	f       *feed
	w       io.Writer
	decoder *hpack.Decoder
	block   []byte // of fields, up to the frame that ends them
	inside  bool   // such a block
	last    bool   // the stream ends with the block
	done    bool
}

// readH2 reads up to the end of our stream, and answers on w what has to be
// answered.
func readH2(f *feed, w io.Writer) (h2Answer, error) {
	r := &h2Reader{f: f, w: w}
	r.decoder = hpack.NewDecoder(4096, r.take)
	r.decoder.SetMaxStringLength(maxHead)
	for first := true; !r.done; first = false {
		if err := r.next(first); err != nil {
			if err == errFull {
				err = failuref("the answer is longer than %d bytes", maxHead+maxBody)
			}
			return r.h2Answer, err
		}
	}
	return r.h2Answer, nil
}

func (r *h2Reader) take(f hpack.HeaderField) {
	switch f.Name {
	case ":status":
		r.status = f.Value
	case "grpc-status":
		r.grpcStatus = f.Value
	case "grpc-message":
		r.grpcMessage = f.Value
	}
}

// next reads a frame. The first is SETTINGS (RFC 9113, 3.4).
func (r *h2Reader) next(first bool) error {
	head, err := r.f.take(9)
	if err != nil {
		return err
	}
	n := int(head[0])<<16 | int(head[1])<<8 | int(head[2])
	kind, flags, stream := head[3], head[4], binary.BigEndian.Uint32(head[5:])&^(1<<31)
	if n > maxFrame || first && kind != frameSettings || r.inside != (kind == frameContinues) {
		return failuref("the answer is not HTTP/2: %q", head)
	}
	body, err := r.f.take(n)
	if err != nil {
		return err
	}
	return r.frame(kind, flags, stream, body)
}

func (r *h2Reader) frame(kind, flags byte, stream uint32, body []byte) error {
	switch kind {
	case frameSettings, framePing:
		return r.acknowledge(kind, flags, body)
	case frameGoAway:
		return goAway(body)
	case framePush:
		return failuref("the answer pushes what it may not")
	case frameData, frameHeaders, frameContinues, frameReset:
		if stream != 1 {
			return failuref("the answer is for stream %d, the question was on 1", stream)
		}
		return r.ours(kind, flags, body)
	}
	return nil // window updates, priorities, and what may come to be
}

func (r *h2Reader) acknowledge(kind, flags byte, body []byte) error {
	if flags&flagAck != 0 {
		return nil
	}
	if kind == frameSettings {
		body = nil
	}
	_, err := r.w.Write(frame(kind, flagAck, 0, body))
	return err
}

// goAway is an error unless our stream is still served.
func goAway(body []byte) error {
	if len(body) < 8 || binary.BigEndian.Uint32(body)&^(1<<31) == 0 {
		return failuref("the server goes away: %.100q", body[min(8, len(body)):])
	}
	return nil
}

// ours takes a frame of our stream.
func (r *h2Reader) ours(kind, flags byte, body []byte) error {
	if kind == frameReset {
		return failuref("the server ends the stream: error %x", body)
	}
	if kind != frameContinues && flags&flagPadded != 0 {
		if len(body) == 0 || int(body[0]) > len(body)-1 {
			return failuref("the answer is not HTTP/2: padding longer than its frame")
		}
		body = body[1 : len(body)-int(body[0])]
	}
	if kind == frameData {
		r.body, r.done = append(r.body, body...), flags&flagEndStream != 0
		return nil
	}
	if kind == frameHeaders {
		if flags&flagPriority != 0 {
			body = body[min(5, len(body)):]
		}
		r.block, r.last = r.block[:0], flags&flagEndStream != 0
	}
	return r.fields(body, flags&flagEndHeaders != 0)
}

// fields takes a part of a block of fields, which may be the last.
func (r *h2Reader) fields(part []byte, end bool) error {
	r.block, r.inside = append(r.block, part...), !end
	if len(r.block) > maxHead {
		return failuref("the head of the answer is longer than %d bytes", maxHead)
	}
	if !end {
		return nil
	}
	if _, err := r.decoder.Write(r.block); err != nil {
		return failuref("the answer is not HTTP/2: %v", err)
	}
	if err := r.decoder.Close(); err != nil {
		return failuref("the answer is not HTTP/2: %v", err)
	}
	r.done = r.last
	return nil
}
