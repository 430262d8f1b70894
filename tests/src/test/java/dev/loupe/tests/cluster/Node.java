package dev.loupe.tests.cluster;

import io.fabric8.kubernetes.api.model.NodeSpec;
import io.fabric8.kubernetes.api.model.Taint;
import io.fabric8.kubernetes.api.model.TaintBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;

/** Faults on all nodes of the cluster, removed when closed. */
final class Node implements AutoCloseable {
    /** Adds a taint that evicts trainers. */
    void taint() {
        Taint fault = new TaintBuilder()
                .withKey(InstalledLoupe.FAULT)
                .withEffect("NoExecute")
                .build();
        edit(node -> {
            List<Taint> taints = new ArrayList<>(Objects.requireNonNullElse(node.getTaints(), List.of()));
            taints.add(fault);
            node.setTaints(taints);
        });
    }

    void untaint() {
        edit(node -> node.setTaints(Objects.requireNonNullElse(node.getTaints(), List.<Taint>of()).stream()
                .filter(taint -> !taint.getKey().equals(InstalledLoupe.FAULT))
                .toList()));
    }

    void cordon(boolean cordoned) {
        edit(node -> node.setUnschedulable(cordoned));
    }

    private static void edit(Consumer<NodeSpec> change) {
        for (var node : InstalledLoupe.client().nodes().list().getItems()) {
            InstalledLoupe.client()
                    .nodes()
                    .withName(node.getMetadata().getName())
                    .edit(one -> {
                        change.accept(one.getSpec());
                        return one;
                    });
        }
    }

    @Override
    public void close() {
        untaint();
        cordon(false);
    }
}
