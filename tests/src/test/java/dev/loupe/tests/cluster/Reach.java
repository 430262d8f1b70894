package dev.loupe.tests.cluster;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * Repeatedly tries TCP connections to each {@code NAME=HOST:PORT}, and prints a line with the names of those that
 * succeeded: {@code reached a b}.
 */
final class Reach {
    private static final int PATIENCE_MILLIS = 3_000;

    private Reach() {}

    public static void main(String[] targets) {
        Executors.newSingleThreadScheduledExecutor()
                .scheduleWithFixedDelay(() -> look(targets), 0, 500, TimeUnit.MILLISECONDS);
    }

    private static void look(String... targets) {
        StringBuilder line = new StringBuilder("reached");
        for (String target : targets) {
            String[] parts = target.split("[=:]");
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress(parts[1], Integer.parseInt(parts[2])), PATIENCE_MILLIS);
                line.append(' ').append(parts[0]);
            } catch (IOException refused) {
                // Not reached: its name is not printed.
            }
        }
        System.out.println(line);
    }
}
