package dev.loupe.images.cluster;

import picocli.CommandLine.Option;

/** Which cluster, and where in it. */
final class ClusterOptions {
    @Option(
            names = {"-n", "--namespace"},
            paramLabel = "NAME",
            defaultValue = "loupe-demo",
            description = "of its own; it is made, and removed by remove (default: ${DEFAULT-VALUE})")
    private String namespace;

    @Option(
            names = "--kubectl",
            paramLabel = "PROGRAM",
            defaultValue = "${env:LOUPE_KUBECTL:-kubectl}",
            description = "default: ${DEFAULT-VALUE}; it knows the cluster by KUBECONFIG")
    private String kubectl;

    @Option(
            names = "--helm",
            paramLabel = "PROGRAM",
            defaultValue = "${env:LOUPE_HELM:-helm}",
            description = "default: ${DEFAULT-VALUE}")
    private String helm;

    Cluster cluster() {
        return new Cluster(
                new Tool(kubectl, "Get it: kubernetes.io/docs/tasks/tools, or say where it is with --kubectl."),
                new Tool(helm, "Get it: helm.sh/docs/intro/install, or say where it is with --helm."),
                namespace);
    }
}
