package dev.loupe.cli.cluster;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
        name = "remove",
        description = "Removes what cluster demo made: the release, its Jobs, the namespace. Nothing is left.",
        mixinStandardHelpOptions = true)
public final class ClusterRemoveCommand implements Runnable {
    @Mixin
    private ClusterOptions options;

    @Override
    public void run() {
        Cluster cluster = options.cluster();
        cluster.remove();
        System.out.println(
                "Removed Loupe and the namespace '" + cluster.namespace() + "' from '" + cluster.context() + "'.");
    }
}
