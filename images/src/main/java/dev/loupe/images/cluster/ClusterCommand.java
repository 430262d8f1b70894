package dev.loupe.images.cluster;

import dev.loupe.cli.AdditionalCommand;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
        name = "cluster",
        description = "Loupe on the Kubernetes that KUBECONFIG names, to try it out.",
        mixinStandardHelpOptions = true,
        subcommands = {ClusterDemoCommand.class, ClusterRemoveCommand.class})
public final class ClusterCommand implements Runnable, AdditionalCommand {
    @Spec
    private CommandSpec specification;

    @Override
    public void run() {
        throw new ParameterException(specification.commandLine(), "expected demo or remove");
    }
}
