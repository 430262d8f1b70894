package dev.loupe.devstack;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.MetadataVersion;

/** One Kafka node (KRaft: broker and controller) in this JVM, with Loupe's topics. */
final class KafkaBroker implements AutoCloseable {

    static final List<String> TOPICS =
            List.of("loupe.datasets", "loupe.training", "loupe.models", "loupe.dead-letters");

    /** Fixed, so that an existing data folder belongs to the same cluster after a restart. */
    private static final String CLUSTER = "bG91cGUtZGV2c3RhY2stMQ";

    /**
     * Since there is no other replica, a message is written to disk before it is acknowledged. Nothing expires:
     * messages that a service has not read, and its offsets, still exist if the stack is started again weeks later.
     */
    private static final Map<String, String> DURABLE = Map.of(
            "log.flush.interval.messages", "1",
            "log.retention.ms", "-1",
            "offsets.retention.minutes", Integer.toString(Integer.MAX_VALUE));

    private final KafkaRaftServer server;
    private final int port;
    private final int tlsPort;

    /**
     * @param port port of the listener for clients on this machine
     * @param tlsPort port of the listener with TLS, 0: none
     */
    private KafkaBroker(KafkaRaftServer server, int port, int tlsPort) {
        this.server = server;
        this.port = port;
        this.tlsPort = tlsPort;
    }

    static KafkaBroker start(Path folder, int port, boolean durable, Exposure exposure, ServerTls tls)
            throws Exception {
        Files.createDirectories(folder);
        int controllerPort = DevstackOptions.portOrFree(0);
        new Formatter()
                .setNodeId(1)
                .setClusterId(CLUSTER)
                .setControllerListenerName("CONTROLLER")
                .setMetadataLogDirectory(folder.toString())
                .addDirectory(folder.toString())
                .setIgnoreFormatted(true)
                .setReleaseVersion(MetadataVersion.latestProduction())
                .setPrintStream(new PrintStream(OutputStream.nullOutputStream()))
                .run();
        Map<String, String> properties = properties(folder, port, controllerPort);
        if (durable) {
            properties.putAll(DURABLE);
        }
        int localPort = port;
        if (!exposure.isLocal()) {
            localPort = DevstackOptions.portOrFree(0);
            properties.putAll(listeners(exposure, port, localPort, controllerPort));
        }
        int tlsPort = tls == null ? 0 : DevstackOptions.portOrFree(0);
        if (tls != null) {
            addTls(properties, tls, tlsPort);
        }
        KafkaRaftServer server = new KafkaRaftServer(new KafkaConfig(properties), Time.SYSTEM);
        KafkaBroker broker = new KafkaBroker(server, localPort, tlsPort);
        try {
            server.startup();
            createTopics(broker.bootstrapServers(), "");
            return broker;
        } catch (Exception failed) {
            broker.close();
            throw failed;
        }
    }

    /** Remote clients get the advertised name; clients on this machine use a separate port. */
    private static Map<String, String> listeners(Exposure exposure, int port, int localPort, int controllerPort) {
        String local = "LOCAL://127.0.0.1:" + localPort;
        return Map.of(
                "listeners",
                "PLAINTEXT://" + exposure.listen() + ":" + port + "," + local + ",CONTROLLER://127.0.0.1:"
                        + controllerPort,
                "advertised.listeners",
                "PLAINTEXT://" + exposure.advertised() + ":" + port + "," + local,
                "listener.security.protocol.map",
                "PLAINTEXT:PLAINTEXT,LOCAL:PLAINTEXT,CONTROLLER:PLAINTEXT",
                "inter.broker.listener.name",
                "LOCAL");
    }

    private static void addTls(Map<String, String> properties, ServerTls tls, int port) {
        String listener = ",SSL://127.0.0.1:" + port;
        properties.merge("listeners", listener, String::concat);
        properties.merge("advertised.listeners", listener, String::concat);
        properties.merge("listener.security.protocol.map", ",SSL:SSL", String::concat);
        properties.putIfAbsent("inter.broker.listener.name", "PLAINTEXT");
        properties.put("ssl.keystore.type", "PKCS12");
        properties.put("ssl.keystore.location", tls.keyStore().toString());
        properties.put("ssl.keystore.password", tls.password());
        properties.put("ssl.key.password", tls.password());
        properties.put("ssl.truststore.type", "PEM");
        properties.put("ssl.truststore.location", tls.clientCa().toString());
        properties.put("ssl.client.auth", "required");
    }

    private static Map<String, String> properties(Path folder, int port, int controllerPort) {
        Map<String, String> properties = new HashMap<>(Map.of(
                "process.roles", "broker,controller",
                "node.id", "1",
                "controller.quorum.voters", "1@127.0.0.1:" + controllerPort,
                "listeners", "PLAINTEXT://127.0.0.1:" + port + ",CONTROLLER://127.0.0.1:" + controllerPort,
                "advertised.listeners", "PLAINTEXT://127.0.0.1:" + port,
                "controller.listener.names", "CONTROLLER",
                "listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
                "log.dirs", folder.toString(),
                "auto.create.topics.enable", "false",
                "group.initial.rebalance.delay.ms", "0"));
        // A single node has nothing to replicate to. Few threads and buffers save resources of a laptop.
        for (String internal : List.of("offsets.topic", "transaction.state.log", "share.coordinator.state.topic")) {
            properties.put(internal + ".replication.factor", "1");
            properties.put(internal + ".num.partitions", "1");
        }
        properties.put("transaction.state.log.min.isr", "1");
        properties.put("share.coordinator.state.topic.min.isr", "1");
        properties.put("num.network.threads", "2");
        properties.put("num.io.threads", "2");
        properties.put("background.threads", "2");
        properties.put("log.cleaner.dedupe.buffer.size", "2097152");
        properties.put("broker.heartbeat.interval.ms", "500");
        return properties;
    }

    /** Creates the missing topics of Loupe, with this prefix. */
    static void createTopics(String bootstrapServers, String prefix)
            throws ExecutionException, InterruptedException, TimeoutException {
        try (Admin admin = Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers))) {
            Set<String> present = admin.listTopics().names().get(30, TimeUnit.SECONDS);
            List<NewTopic> missing = TOPICS.stream()
                    .map(topic -> prefix + topic)
                    .filter(topic -> !present.contains(topic))
                    .map(topic -> new NewTopic(topic, 1, (short) 1))
                    .toList();
            admin.createTopics(missing).all().get(30, TimeUnit.SECONDS);
        }
    }

    String bootstrapServers() {
        return "127.0.0.1:" + port;
    }

    String tlsBootstrapServers() {
        return tlsPort == 0 ? null : "127.0.0.1:" + tlsPort;
    }

    @Override
    public void close() {
        server.shutdown();
        server.awaitShutdown();
    }
}
