package dev.loupe.images.cluster;

import picocli.CommandLine.Option;

/** The cluster and its namespace. */
final class ClusterOptions {
    @Option(
            names = {"-n", "--namespace"},
            paramLabel = "NAME",
            defaultValue = "loupe-demo",
            description = "namespace; created by demo, deleted by remove (default: ${DEFAULT-VALUE})")
    private String namespace;

    @Option(
            names = "--kubectl",
            paramLabel = "PROGRAM",
            defaultValue = "${env:LOUPE_KUBECTL:-kubectl}",
            description = "path of kubectl, which reads KUBECONFIG (default: ${DEFAULT-VALUE})")
    private String kubectl;

    @Option(
            names = "--helm",
            paramLabel = "PROGRAM",
            defaultValue = "${env:LOUPE_HELM:-helm}",
            description = "path of helm (default: ${DEFAULT-VALUE})")
    private String helm;

    Cluster cluster() {
        return new Cluster(
                new Tool(kubectl, "Install it (kubernetes.io/docs/tasks/tools), or set --kubectl to its path."),
                new Tool(helm, "Install it (helm.sh/docs/intro/install), or set --helm to its path."),
                namespace);
    }
}
