package dev.loupe.cli.local;

import java.nio.file.Path;

/**
 * What a {@link LocalStack} runs, and where.
 *
 * @param home Loupe's folder: the one with the {@code loupe} script, built
 * @param data folder that keeps everything; it is made if absent
 * @param ports to listen on
 * @param brokerApart whether Kafka gets a process of its own, so that it can be stopped alone
 * @param fresh whether to delete what an earlier stack left in the data folder
 */
public record LocalStackOptions(Path home, Path data, Ports ports, boolean brokerApart, boolean fresh) {
    public LocalStackOptions {
        home = home.toAbsolutePath().normalize();
        data = data.toAbsolutePath().normalize();
    }
}
