package dev.loupe.testing;

import dev.loupe.devstack.TestServers;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;

/**
 * Real servers for {@code @QuarkusTest}: those of the whole build, or of this JVM (see {@link TestServers}). All test
 * classes of a JVM share a database, topics and a bucket that no other JVM uses.
 *
 * <pre>{@code
 * @WithTestResource(value = DevstackTestResource.class, initArgs = @ResourceArg(name = "schema", value = "dataset"))
 * }</pre>
 */
public final class DevstackTestResource implements QuarkusTestResourceLifecycleManager {

    /** Each Quarkus test profile has its own class loaders, so only system properties are shared within the JVM. */
    private static final String SHARED = "loupe.devstack.test-configuration";

    private String schema = "public";

    @Override
    public void init(Map<String, String> arguments) {
        schema = arguments.getOrDefault("schema", "public");
    }

    @Override
    public Map<String, String> start() {
        Map<String, String> configuration = new HashMap<>(shared());
        configuration.computeIfPresent("quarkus.datasource.jdbc.url", (key, url) -> url + schema);
        return configuration;
    }

    private static Map<String, String> shared() {
        Properties system = System.getProperties();
        // An interned string is the same object for all class loaders. The properties object cannot be the lock:
        // System.setProperty acquires it, and the servers' threads call that while they start.
        synchronized (SHARED.intern()) {
            if (system.get(SHARED) instanceof String known) {
                return decode(known);
            }
            Map<String, String> configuration = TestServers.find().allocate(TestServers.uniqueName());
            // The log of the broker would hide the log of the service.
            for (String category :
                    new String[] {"kafka", "org.apache.kafka", "state", "org.eclipse.jetty", "org.gaul"}) {
                configuration.put("quarkus.log.category.\"" + category + "\".level", "WARN");
            }
            system.put(SHARED, encode(configuration));
            return configuration;
        }
    }

    /** Returns the name of a topic, with the prefix of this JVM. */
    public static String topic(String name) {
        return shared().get("loupe.topic-prefix") + name;
    }

    private static String encode(Map<String, String> configuration) {
        StringBuilder lines = new StringBuilder();
        configuration.forEach(
                (key, value) -> lines.append(key).append('\t').append(value).append('\n'));
        return lines.toString();
    }

    private static Map<String, String> decode(String lines) {
        Map<String, String> configuration = new HashMap<>();
        lines.lines().map(line -> line.split("\t", 2)).forEach(pair -> configuration.put(pair[0], pair[1]));
        return configuration;
    }

    /** Does nothing, since the next test class uses the same servers. */
    @Override
    public void stop() {}
}
