package dev.loupe.cli.server;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.loupe.cli.CommandException;
import dev.loupe.cli.UsageException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * Where the services answer.
 *
 * @param dataset base address of dataset-service, without a slash at its end
 * @param training base address of training-service
 * @param inference base address of inference-service
 * @param grpc {@code host:port} of inference-service's gRPC server, or {@code https://host:port} where it speaks TLS
 */
public record Endpoints(URI dataset, URI training, URI inference, String grpc) {

    /** What stands before the address of a gRPC server that speaks TLS. */
    static final String TLS = "https://";

    /** Name of the file in a data folder that says where the local services answer. */
    public static final String FILE = "endpoints.json";

    /**
     * @param server one base address, of a gateway that routes by path and by gRPC service, or
     *     {@code dataset=URL,training=URL,inference=URL,grpc=HOST:PORT} ({@code grpc=https://HOST:PORT} for TLS)
     * @throws UsageException when it is neither
     */
    public static Endpoints parse(String server) {
        if (!server.contains("=")) {
            URI base = address(server);
            boolean secure = base.getScheme().equals("https");
            int port = base.getPort() != -1 ? base.getPort() : secure ? 443 : 80;
            return new Endpoints(base, base, base, (secure ? TLS : "") + base.getHost() + ":" + port);
        }
        Map<String, String> named = new HashMap<>();
        Arrays.stream(server.split(","))
                .map(pair -> pair.split("=", 2))
                .forEach(pair -> named.put(pair[0].strip(), pair.length == 2 ? pair[1].strip() : ""));
        if (!named.keySet().equals(Set.of("dataset", "training", "inference", "grpc"))) {
            throw new UsageException("--server: expected one address, or dataset=URL,training=URL,inference=URL,"
                    + "grpc=HOST:PORT, got '" + server + "'");
        }
        return new Endpoints(
                address(named.get("dataset")),
                address(named.get("training")),
                address(named.get("inference")),
                grpcAddress(named.get("grpc")));
    }

    private static String grpcAddress(String text) {
        if (!text.matches("(https://)?[^\\s/]+:[0-9]{1,5}")) {
            throw new UsageException(
                    "--server: expected grpc=HOST:PORT or grpc=https://HOST:PORT, got 'grpc=" + text + "'");
        }
        return text;
    }

    private static URI address(String text) {
        try {
            URI address = URI.create(text.replaceAll("/+$", ""));
            if (address.getHost() != null && address.getScheme().matches("https?")) {
                return address;
            }
        } catch (IllegalArgumentException notAnAddress) {
            // Told below, as for an address of another kind.
        }
        throw new UsageException("--server: expected an address like http://127.0.0.1:8080, got '" + text + "'");
    }

    /** @throws CommandException when nothing runs there */
    public static Endpoints load(Path data) {
        Path file = data.resolve(FILE);
        try {
            var json = Json.read(Files.readString(file));
            return new Endpoints(
                    address(json.path("dataset").asText()),
                    address(json.path("training").asText()),
                    address(json.path("inference").asText()),
                    json.path("grpc").asText());
        } catch (NoSuchFileException notRunning) {
            throw new CommandException(
                    "no running Loupe was found in " + data + ": start one with ./loupe up, or name one with --server",
                    notRunning);
        } catch (IOException unreadable) {
            throw new CommandException(file + ": can't be read: " + unreadable.getMessage(), unreadable);
        }
    }

    public ObjectNode json() {
        return JsonNodeFactory.instance
                .objectNode()
                .put("dataset", dataset.toString())
                .put("training", training.toString())
                .put("inference", inference.toString())
                .put("grpc", grpc);
    }

    /** Writes the file that {@link #load} reads. */
    public void save(Path data) throws IOException {
        Files.writeString(data.resolve(FILE), json().toPrettyString() + "\n");
    }
}
