package dev.loupe.images.cluster;

import dev.loupe.cli.CommandException;
import dev.loupe.images.ImageSet;
import dev.loupe.local.LocalOptions;
import dev.loupe.local.demo.DemoOptions;
import dev.loupe.local.demo.Demonstration;
import dev.loupe.local.demo.Narrator;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "demo",
        description = {
            "Builds the container images, installs the chart with its demo profile in its own namespace, and runs the",
            "demonstration there; the trainer is a Job. Remove it with: ./loupe cluster remove"
        },
        mixinStandardHelpOptions = true)
public final class ClusterDemoCommand implements Runnable {
    @Mixin
    private ClusterOptions options;

    @Mixin
    private DemoOptions demo;

    @Option(
            names = "--base",
            paramLabel = "IMAGE",
            defaultValue = ImageSet.DEFAULT_BASE,
            description = "base image, see ./loupe container-images --help (default: ${DEFAULT-VALUE})")
    private String base;

    @Option(
            names = "--load",
            paramLabel = "COMMAND",
            defaultValue = "${env:LOUPE_IMAGE_LOAD}",
            description = {
                "shell command that loads container images into the cluster; its arguments are the archives",
                "(default: LOUPE_IMAGE_LOAD, or the command of kind, k3d or minikube)"
            })
    private String load;

    @Option(
            names = "--gpus",
            paramLabel = "N",
            description = "GPUs that the trainer requests (default: 1 if a node has one, else 0)")
    private Integer gpus;

    @Override
    public void run() {
        Path home = LocalOptions.home();
        Cluster cluster = options.cluster();
        cluster.requireReachable();
        Demonstration demonstration = demo.prepare(home.resolve("target/cluster-demo"));
        Narrator narrator = demonstration.narrator();
        String context = cluster.context();
        narrator.say("The cluster is '" + context + "', the namespace '" + cluster.namespace() + "'.");
        loadImages(home, context, narrator);

        int requested = gpus == null ? Math.min(1, cluster.maxGpusPerNode()) : gpus;
        narrator.step("Install the chart with its demo profile; namespace '" + cluster.namespace()
                + "' enforces the Pod Security standard 'restricted'");
        cluster.createNamespace();
        cluster.install(home.resolve("helm/loupe"), List.of("trainer.gpu.count=" + requested));
        cluster.test();
        narrator.tell("all pods are ready and helm test succeeds; the trainer requests "
                + (requested == 0 ? "no GPU, because no node has one" : requested + " nvidia.com/gpu"));
        try (PortForwards forwards = cluster.forward()) {
            String namespace = " --namespace " + cluster.namespace();
            demonstration.play(
                    forwards.endpoints(),
                    List.of(
                            "It keeps running. Its objects: kubectl get jobs,pods" + namespace,
                            "How to access it:          helm get notes loupe" + namespace,
                            "Remove all of it:          ./loupe cluster remove" + namespace,
                            "A real installation:       docs/guides/install.md"));
        }
    }

    private void loadImages(Path home, String context, Narrator narrator) {
        String command = Optional.ofNullable(load)
                .filter(given -> !given.isBlank())
                .or(() -> defaultLoad(context))
                .orElseThrow(() -> new CommandException("cannot determine how to load images into the cluster '"
                        + context + "': set --load COMMAND; its arguments are the paths of the archives"));
        narrator.step("Build the images on " + base + " and load them into the cluster");
        List<String> archives = ImageSet.ofTheChart(home, base).withoutStartCaches().build().stream()
                .map(Path::toString)
                .toList();
        List<String> arguments = new ArrayList<>(List.of("-c", command + " \"$@\"", "load"));
        arguments.addAll(archives);
        new Tool("/bin/sh", "").run("", arguments.toArray(String[]::new));
        narrator.tell(archives.size() + " images");
    }

    private static Optional<String> defaultLoad(String context) {
        if (context.startsWith("kind-")) {
            return Optional.of("load() { for archive; do kind load image-archive \"$archive\" --name "
                    + context.substring("kind-".length()) + " || exit; done; }; load");
        }
        if (context.startsWith("k3d-")) {
            return Optional.of("k3d image import --cluster " + context.substring("k3d-".length()));
        }
        return context.equals("minikube")
                ? Optional.of("load() { for archive; do minikube image load \"$archive\" || exit; done; }; load")
                : Optional.empty();
    }
}
