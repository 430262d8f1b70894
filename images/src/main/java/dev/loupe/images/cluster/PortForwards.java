package dev.loupe.images.cluster;

import dev.loupe.cli.CommandException;
import dev.loupe.cli.server.Endpoints;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Forwards local ports to the services of a release until it is closed. */
public final class PortForwards implements AutoCloseable {
    private static final Pattern OPEN = Pattern.compile("Forwarding from 127\\.0\\.0\\.1:(\\d+) -> (\\d+)");

    private final List<Process> processes = new ArrayList<>();
    private Endpoints endpoints;

    private PortForwards() {}

    /** @throws CommandException when kubectl cannot forward a port */
    static PortForwards open(Tool kubectl, String namespace, String release) {
        PortForwards forwards = new PortForwards();
        try {
            int dataset = forwards.open(kubectl, namespace, release + "-dataset-service", 8080)
                    .get(8080);
            int training = forwards.open(kubectl, namespace, release + "-training-service", 8081)
                    .get(8081);
            Map<Integer, Integer> inference =
                    forwards.open(kubectl, namespace, release + "-inference-service", 8082, 9000);
            forwards.endpoints = new Endpoints(
                    local(dataset), local(training), local(inference.get(8082)), "127.0.0.1:" + inference.get(9000));
            return forwards;
        } catch (RuntimeException failed) {
            forwards.close();
            throw failed;
        }
    }

    private static URI local(int port) {
        return URI.create("http://127.0.0.1:" + port);
    }

    /** Local ports by the service's ports. */
    private Map<Integer, Integer> open(Tool kubectl, String namespace, String service, int... ports) {
        List<String> arguments =
                new ArrayList<>(List.of("port-forward", "--namespace", namespace, "service/" + service));
        for (int port : ports) {
            arguments.add(":" + port);
        }
        Process process = kubectl.start(arguments.toArray(String[]::new));
        processes.add(process);
        Map<Integer, Integer> open = new HashMap<>();
        try {
            BufferedReader output = process.inputReader();
            while (open.size() < ports.length) {
                String line = output.readLine();
                if (line == null) {
                    throw new CommandException("kubectl cannot forward a port to " + service + ": "
                            + String.join(" ", process.errorReader().lines().toList()));
                }
                Matcher matcher = OPEN.matcher(line);
                if (matcher.find()) {
                    open.put(Integer.parseInt(matcher.group(2)), Integer.parseInt(matcher.group(1)));
                }
            }
            Thread.ofVirtual().start(() -> output.lines().forEach(_ -> {})); // a line for each connection
        } catch (IOException e) {
            throw new CommandException("kubectl port-forward: " + e.getMessage(), e);
        }
        return open;
    }

    public Endpoints endpoints() {
        return endpoints;
    }

    @Override
    public void close() {
        processes.forEach(Process::destroy);
    }
}
