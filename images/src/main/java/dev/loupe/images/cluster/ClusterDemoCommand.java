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
            "Builds the images, installs the chart with its demo profile in a namespace of its own, and does the whole",
            "job there, with a trainer that is a Job. Remove it with: ./loupe cluster remove"
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
            description = "that the images are built on, as of ./loupe container-images (default: ${DEFAULT-VALUE})")
    private String base;

    @Option(
            names = "--load",
            paramLabel = "COMMAND",
            defaultValue = "${env:LOUPE_IMAGE_LOAD}",
            description = {
                "brings archives of images, its arguments, into the cluster",
                "(default: LOUPE_IMAGE_LOAD, or what kind, k3d and minikube have for it)"
            })
    private String load;

    @Option(
            names = "--gpus",
            paramLabel = "N",
            description = "that the trainer asks for (default: 1 if a node offers one, else 0)")
    private Integer gpus;

    @Override
    public void run() {
        Path home = LocalOptions.home();
        Cluster cluster = options.cluster();
        cluster.requireAnswer();
        Demonstration demonstration = demo.prepare(home.resolve("target/cluster-demo"));
        Narrator narrator = demonstration.narrator();
        String context = cluster.context();
        narrator.say("The cluster is '" + context + "', the namespace '" + cluster.namespace() + "'.");
        bringImages(home, context, narrator);

        int asked = gpus == null ? Math.min(1, cluster.gpusOfANode()) : gpus;
        narrator.step("Install the chart with its demo profile; namespace '" + cluster.namespace()
                + "' takes pods only that Pod Security calls restricted");
        cluster.makeNamespace();
        cluster.install(home.resolve("helm/loupe"), List.of("trainer.gpu.count=" + asked));
        cluster.test();
        narrator.tell("all pods are ready, helm test agrees; the trainer asks for "
                + (asked == 0 ? "no GPU, as no node offers one" : asked + " nvidia.com/gpu"));
        try (PortForwards ways = cluster.forward()) {
            String namespace = " --namespace " + cluster.namespace();
            demonstration.play(
                    ways.endpoints(),
                    List.of(
                            "It goes on. See what it made: kubectl get jobs,pods" + namespace,
                            "How to reach it from here:    helm get notes loupe" + namespace,
                            "Remove all of it:             ./loupe cluster remove" + namespace,
                            "For real: docs/guides/install.md"));
        }
    }

    private void bringImages(Path home, String context, Narrator narrator) {
        String command = Optional.ofNullable(load)
                .filter(given -> !given.isBlank())
                .or(() -> usual(context))
                .orElseThrow(() -> new CommandException("how do images get into the cluster '" + context
                        + "'? Say so with --load COMMAND: it gets the paths of the archives"));
        narrator.step("Build the images on " + base + " and bring them into the cluster");
        List<String> archives = ImageSet.ofTheChart(home, base).build().stream()
                .map(Path::toString)
                .toList();
        List<String> arguments = new ArrayList<>(List.of("-c", command + " \"$@\"", "load"));
        arguments.addAll(archives);
        new Tool("/bin/sh", "").run("", arguments.toArray(String[]::new));
        narrator.tell(archives.size() + " images");
    }

    private static Optional<String> usual(String context) {
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
