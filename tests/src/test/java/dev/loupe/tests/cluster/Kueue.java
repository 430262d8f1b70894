package dev.loupe.tests.cluster;

import static dev.loupe.tests.cluster.InstalledLoupe.NAMESPACE;
import static dev.loupe.tests.cluster.InstalledLoupe.client;

import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.util.Map;
import java.util.function.UnaryOperator;

/** Makes the changes to a Job that Kueue's Job integration makes through the API. */
record Kueue(String job) {
    static final String QUEUE = "kueue.x-k8s.io/queue-name";

    /** Admits the Job: adds the node selector of a flavour to the suspended Job's template, then resumes it. */
    void admit(Map<String, String> flavour) {
        edit(one -> {
            one.getSpec().getTemplate().getSpec().setNodeSelector(flavour);
            one.getSpec().setSuspend(false);
            return one;
        });
    }

    /** Preempts the Job for another one of higher priority. */
    void evict() {
        edit(one -> {
            one.getSpec().setSuspend(true);
            return one;
        });
    }

    /** Resets the start time of a suspended Job: the template can be changed only of a Job that has not started. */
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
