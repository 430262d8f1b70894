package dev.loupe.images.cluster;

import dev.loupe.cli.command.OutputOptions;
import dev.loupe.cli.server.Json;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
        name = "remove",
        description = "Removes everything that cluster demo created: the release, its Jobs, the namespace.",
        mixinStandardHelpOptions = true)
public final class ClusterRemoveCommand implements Runnable {
    @Mixin
    private ClusterOptions options;

    @Mixin
    private OutputOptions output;

    @Override
    public void run() {
        Cluster cluster = options.cluster();
        cluster.remove();
        output.output()
                .item(
                        Json.object().put("context", cluster.context()).put("namespace", cluster.namespace()),
                        "Removed Loupe and the namespace '" + cluster.namespace() + "' from '" + cluster.context()
                                + "'.");
    }
}
