"""fakeredis behind a socket: `python -m devstack.servers.redis_stand_in PORT`."""

import signal
import sys
import threading

from fakeredis import TcpFakeServer

from devstack.ports import LOOPBACK


def serve(port: int) -> None:
    """Serve Redis's protocol on `port` until SIGTERM."""
    signals = {signal.SIGTERM, signal.SIGINT}
    # Before any thread exists, so that none of them takes the signal away from sigwait.
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    server = TcpFakeServer((LOOPBACK, port))
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    signal.sigwait(signals)
    server.shutdown()
    server.server_close()


if __name__ == "__main__":
    serve(int(sys.argv[1]))
