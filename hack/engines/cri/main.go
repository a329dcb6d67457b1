// Command cri makes one call of the Container Runtime Interface, as a kubelet
// does, and prints the answer as JSON:
//
//	cri [-timeout D] SOCKET METHOD [REQUEST]
//	cri unix:///run/containerd/containerd.sock PodSandboxStatus '{"pod_sandbox_id": "1234"}'
//
// It has all methods of the services RuntimeService and ImageService, for it finds
// them in the interface's own description; names in a request are as in api.proto.
// It knows nothing of pods. The usual tool is crictl; where this is developed, the
// module proxy refuses its module (sigs.k8s.io/cri-tools: "403 Forbidden, This module
// version is not available") and Debian has no package of it.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	runtime "k8s.io/cri-api/pkg/apis/runtime/v1"
)

func main() {
	limit := flag.Duration("timeout", time.Minute, "for the whole call")
	flag.Parse()
	if flag.NArg() != 2 && flag.NArg() != 3 {
		fmt.Fprintln(os.Stderr, "usage: cri [-timeout D] SOCKET METHOD [REQUEST]")
		os.Exit(2)
	}
	request := flag.Arg(2)
	if request == "" {
		request = "{}"
	}
	ctx, cancel := context.WithTimeout(context.Background(), *limit)
	defer cancel()
	answer, err := call(ctx, flag.Arg(0), protoreflect.Name(flag.Arg(1)), request)
	if err != nil {
		fmt.Fprintln(os.Stderr, "cri:", err)
		os.Exit(1)
	}
	fmt.Println(answer)
}

// call makes one call and returns the answer as JSON on one line.
func call(ctx context.Context, socket string, name protoreflect.Name, request string) (string, error) {
	method, err := find(name)
	if err != nil {
		return "", err
	}
	in, err := newMessage(method.Input())
	if err != nil {
		return "", err
	}
	out, err := newMessage(method.Output())
	if err != nil {
		return "", err
	}
	if err := protojson.Unmarshal([]byte(request), in); err != nil {
		return "", fmt.Errorf("read the request: %w", err)
	}
	conn, err := grpc.NewClient(socket, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return "", err
	}
	defer conn.Close()
	path := fmt.Sprintf("/%s/%s", method.Parent().FullName(), name)
	if err := conn.Invoke(ctx, path, in, out); err != nil {
		return "", err
	}
	text, err := protojson.MarshalOptions{UseProtoNames: true}.Marshal(out)
	return string(text), err
}

// find looks the method up in both services.
func find(name protoreflect.Name) (protoreflect.MethodDescriptor, error) {
	services := runtime.File_staging_src_k8s_io_cri_api_pkg_apis_runtime_v1_api_proto.Services()
	for i := range services.Len() {
		if method := services.Get(i).Methods().ByName(name); method != nil {
			return method, nil
		}
	}
	return nil, fmt.Errorf("the interface has no method %s", name)
}

func newMessage(d protoreflect.MessageDescriptor) (proto.Message, error) {
	kind, err := protoregistry.GlobalTypes.FindMessageByName(d.FullName())
	if err != nil {
		return nil, err
	}
	return kind.New().Interface(), nil
}
