"""Exit 0 when the service of this container serves: the edge and the simulator by HTTP, an adapter by gRPC health."""

import os
import sys
import urllib.request


def main() -> int:
    """Ask the service that runs here."""
    service = os.environ["UNIGATE_SERVICE"]
    if service == "unigate_edge":
        return http(f"127.0.0.1:{os.environ.get('UNIGATE_PORT', '8080')}", "/readyz")
    if service == "unigate_simulator":
        return http(local(os.environ.get("UNIGATE_SIMULATOR_LISTEN", "127.0.0.1:4010")), "/healthz")
    return grpc_health(local(os.environ.get("UNIGATE_LISTEN", "127.0.0.1:50051")))


def local(listen: str) -> str:
    """Return a loopback address for an address that is listened on."""
    return f"127.0.0.1:{listen.rpartition(':')[2]}"


def http(address: str, path: str) -> int:
    """Return 0 when a path answers with 200."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"http://{address}{path}", timeout=3) as response:
            return 0 if response.status == 200 else 1
    except OSError as error:
        print(error)
        return 1


def grpc_health(address: str) -> int:
    """Return 0 when the standard health service says that the server serves."""
    import grpc
    from grpc_health.v1 import health_pb2

    try:
        with grpc.insecure_channel(address, options=[("grpc.enable_http_proxy", 0)]) as channel:
            check = channel.unary_unary(
                "/grpc.health.v1.Health/Check",
                request_serializer=health_pb2.HealthCheckRequest.SerializeToString,
                response_deserializer=health_pb2.HealthCheckResponse.FromString,
            )
            reply = check(health_pb2.HealthCheckRequest(), timeout=3)
    except grpc.RpcError as error:
        print(error.code())
        return 1
    return 0 if reply.status == health_pb2.HealthCheckResponse.SERVING else 1


if __name__ == "__main__":
    sys.exit(main())
