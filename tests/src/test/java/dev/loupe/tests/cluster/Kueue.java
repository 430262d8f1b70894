package dev.loupe.tests.cluster;

import static dev.loupe.tests.cluster.InstalledLoupe.NAMESPACE;
import static dev.loupe.tests.cluster.InstalledLoupe.client;

import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.util.Map;
import java.util.function.UnaryOperator;

/** Plays the part of Kueue's Job integration, which does these very things to a Job through the API. */
record Kueue(String job) {
    static final String QUEUE = "kueue.x-k8s.io/queue-name";

    /** A place was found: on nodes of a flavour, which goes into the template while the Job is suspended. */
    void admit(Map<String, String> flavour) {
        edit(one -> {
            one.getSpec().getTemplate().getSpec().setNodeSelector(flavour);
            one.getSpec().setSuspend(false);
            return one;
        });
    }

    /** A more important one needs the place. */
    void evict() {
        edit(one -> {
            one.getSpec().setSuspend(true);
            return one;
        });
    }

    /** What has begun before is made admissible again: the template can be changed only of a Job that has not begun. */
    void forgetItsStart() {
        client().batch().v1().jobs().inNamespace(NAMESPACE).withName(job).editStatus(one -> {
            one.getStatus().setStartTime(null);
            return one;
        });
    }

    private void edit(UnaryOperator<Job> change) {
        client().batch().v1().jobs().inNamespace(NAMESPACE).withName(job).edit(change);
    }
}
