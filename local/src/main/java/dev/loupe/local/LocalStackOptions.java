package dev.loupe.local;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * What a {@link LocalStack} runs, and where.
 *
 * @param home Loupe's folder: the one with the {@code loupe} script, built
 * @param data folder of all data; created if absent
 * @param ports to listen on
 * @param brokerApart whether Kafka gets a process of its own, so that it can be stopped alone
 * @param fresh whether to delete what an earlier stack left in the data folder
 * @param commands that start servers, in place of the default ones
 * @param environment further variables of all servers, such as those of a login
 */
public record LocalStackOptions(
        Path home,
        Path data,
        Ports ports,
        boolean brokerApart,
        boolean fresh,
        Map<Server, List<String>> commands,
        Map<String, String> environment) {
    public LocalStackOptions(Path home, Path data, Ports ports, boolean brokerApart, boolean fresh) {
        this(home, data, ports, brokerApart, fresh, Map.of());
    }

    public LocalStackOptions(
            Path home, Path data, Ports ports, boolean brokerApart, boolean fresh, Map<Server, List<String>> commands) {
        this(home, data, ports, brokerApart, fresh, commands, Map.of());
    }

    /** The same with further variables of all servers. */
    public LocalStackOptions withEnvironment(Map<String, String> variables) {
        return new LocalStackOptions(home, data, ports, brokerApart, fresh, commands, variables);
    }

    public LocalStackOptions {
        home = home.toAbsolutePath().normalize();
        data = data.toAbsolutePath().normalize();
        commands = Map.copyOf(commands);
        environment = Map.copyOf(environment);
    }
}
