package dev.ctr.agent.transfer;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Passes connections on to a port of this host, and can cut them all. */
final class CuttableProxy implements AutoCloseable {
    private final ServerSocket listening;
    private final int target;
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();

    private CuttableProxy(ServerSocket listening, int target) {
        this.listening = listening;
        this.target = target;
    }

    static CuttableProxy before(int port) throws IOException {
        CuttableProxy proxy = new CuttableProxy(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), port);
        daemon(proxy::acceptAll);
        return proxy;
    }

    int port() {
        return listening.getLocalPort();
    }

    void cut() throws IOException {
        for (Socket socket : sockets) {
            socket.close();
        }
        sockets.clear();
    }

    private void acceptAll() {
        try {
            while (true) {
                Socket near = listening.accept();
                try {
                    Socket far = new Socket(InetAddress.getLoopbackAddress(), target);
                    sockets.add(near);
                    sockets.add(far);
                    daemon(() -> pump(near, far));
                    daemon(() -> pump(far, near));
                } catch (IOException nobodyListens) {
                    near.close();
                }
            }
        } catch (IOException closed) {
            return;
        }
    }

    private static void pump(Socket from, Socket to) {
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            in.transferTo(out);
        } catch (IOException cut) {
            return;
        }
    }

    private static void daemon(Runnable work) {
        Thread thread = new Thread(work, "proxy");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        listening.close();
        cut();
    }
}
