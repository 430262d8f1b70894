package dev.loupe.training.launch;

import dev.loupe.contracts.training.TrainerExit;
import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobCondition;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/** Derives the state of a trainer from its Job and its pods, as the API server reports them. */
final class JobStatusReader {
    /** Reasons of a waiting container that do not resolve by themselves within moments. */
    private static final Set<String> STUCK = Set.of(
            "ErrImagePull",
            "ImagePullBackOff",
            "InvalidImageName",
            "ErrImageNeverPull",
            "CreateContainerConfigError",
            "CreateContainerError",
            "RunContainerError");

    private static final Set<String> OVER = Set.of("Succeeded", "Failed");
    /**
     * Matches the kubelet's message for a pod that exceeded its own storage limit, as opposed to a node with a full
     * disk.
     */
    private static final Pattern OWN_STORAGE =
            Pattern.compile("(EmptyDir volume|ephemeral).* exceeds|exceeded its local");
    /**
     * Exit code of a JVM without heap ({@code -XX:+ExitOnOutOfMemoryError}). A new pod holds no claim of an earlier
     * one.
     */
    private static final int NO_HEAP = 3;

    private JobStatusReader() {}

    /**
     * @param pods pods of the Job
     * @param podCreationError the reason that the cluster gives for a Job without a pod; called only where it matters
     */
    static ObservedJob of(Job job, List<Pod> pods, Supplier<Optional<String>> podCreationError) {
        Optional<JobCondition> failed = condition(job, "Failed");
        if (failed.isPresent()) {
            return ended(failed.get(), newest(pods, true));
        }
        if (condition(job, "Complete").isPresent()) {
            return new ObservedJob.Ended(OptionalInt.of(0));
        }
        Optional<String> overflow =
                pods.stream().flatMap(pod -> overflow(pod).stream()).findFirst();
        if (overflow.isPresent()) {
            return new ObservedJob.Ended(OptionalInt.empty(), overflow.get());
        }
        if (Boolean.TRUE.equals(job.getSpec().getSuspend())) {
            String queue = job.getMetadata().getLabels().get(TrainerJobs.QUEUE);
            return new ObservedJob.Suspended(
                    queue == null ? "its Job is suspended" : "its Job waits in Kueue's queue '" + queue + "'");
        }
        Optional<Pod> live = newest(pods, false);
        if (live.isPresent()) {
            return of(live.get());
        }
        Optional<Pod> last = newest(pods, true);
        Optional<String> disruption = last.flatMap(JobStatusReader::disruption);
        if (last.isPresent() && disruption.isEmpty()) {
            return new ObservedJob.Running(); // ended a moment ago; the Job will report it
        }
        return new ObservedJob.Pending(disruption.or(podCreationError).orElse(""));
    }

    /** The state of a pod that has not ended. */
    static ObservedJob of(Pod pod) {
        if (pod.getMetadata().getDeletionTimestamp() != null) {
            return new ObservedJob.Pending(disruption(pod).orElse("its pod is being deleted, another one follows"));
        }
        Optional<ContainerState> state = container(pod).map(ContainerStatus::getState);
        if (hasStarted(pod)) {
            return new ObservedJob.Running(); // or ended a moment ago; the Job will report it
        }
        Optional<String> stuck = state.map(ContainerState::getWaiting)
                .filter(waiting -> STUCK.contains(waiting.getReason()))
                .map(waiting -> waiting.getReason().contains("mage")
                        ? "its image '" + image(pod) + "' can't be pulled (" + waiting.getReason() + ")"
                        : waiting.getReason() + ": " + waiting.getMessage());
        return new ObservedJob.Pending(stuck.or(() -> unschedulable(pod)).orElse(""));
    }

    /** Whether the Job has finished and creates no further pod. */
    static boolean isFinished(Job job) {
        return condition(job, "Failed").isPresent()
                || condition(job, "Complete").isPresent();
    }

    /** Whether the pod's trainer runs or has run. The pod's phase shows that only some time later. */
    static boolean hasStarted(Pod pod) {
        return container(pod)
                .filter(status -> status.getState().getWaiting() == null)
                .isPresent();
    }

    private static Optional<String> unschedulable(Pod pod) {
        return podCondition(pod, "PodScheduled", "False")
                .map(PodCondition::getMessage)
                // Remove the rest of the message, a list of candidates for preemption: there are none.
                .map(message -> message.replaceFirst("\\.?( no new claims to deallocate,)? preemption:.*", ""));
    }

    /** Why a pod was preempted or evicted; empty if it was not. */
    private static Optional<String> disruption(Pod pod) {
        return podCondition(pod, "DisruptionTarget", "True")
                .map(condition -> "its pod was taken away, another one follows (" + condition.getReason() + ": "
                        + condition.getMessage() + ")");
    }

    /**
     * The storage limit that a pod exceeded; empty if it was not evicted for that. Kubernetes treats it as a
     * disruption, after which the Job creates another pod, but that pod would write just as much.
     */
    private static Optional<String> overflow(Pod pod) {
        return Optional.ofNullable(pod.getStatus().getMessage())
                .filter(_ -> "Evicted".equals(pod.getStatus().getReason()))
                .filter(message -> OWN_STORAGE.matcher(message).find())
                .map(message -> "SCRATCH_FULL: it wrote more than it may (" + message.strip() + ")");
    }

    private static ObservedJob.Ended ended(JobCondition failed, Optional<Pod> last) {
        Optional<ContainerStateTerminated> end = last.flatMap(JobStatusReader::container)
                .map(status -> status.getState().getTerminated());
        OptionalInt exitCode = end.map(one -> OptionalInt.of(one.getExitCode())).orElse(OptionalInt.empty());
        if ("DeadlineExceeded".equals(failed.getReason())) {
            return new ObservedJob.Ended(exitCode, "DEADLINE_EXCEEDED: it took longer than an attempt may");
        }
        if (end.isPresent() && "OOMKilled".equals(end.get().getReason())) {
            return new ObservedJob.Ended(
                    exitCode, "OUT_OF_MEMORY: it needed more than its limit of " + memory(last.get()));
        }
        if (exitCode.equals(OptionalInt.of(NO_HEAP))) {
            return new ObservedJob.Ended(
                    exitCode,
                    "OUT_OF_MEMORY: Java's share of its memory limit of " + memory(last.get()) + " was too small");
        }
        if (exitCode.isEmpty() && "PodFailurePolicy".equals(failed.getReason())) {
            return new ObservedJob.Ended(
                    OptionalInt.of(TrainerExit.BAD_CONFIGURATION)); // the only exit code that fails a Job this way
        }
        return new ObservedJob.Ended(
                exitCode, exitCode.isPresent() ? "" : "its pod is gone (" + failed.getMessage() + ")");
    }

    private static Optional<Pod> newest(List<Pod> pods, boolean over) {
        return pods.stream()
                .filter(pod -> OVER.contains(pod.getStatus().getPhase()) == over)
                .max(Comparator.comparing(pod -> pod.getMetadata().getCreationTimestamp()));
    }

    private static Optional<JobCondition> condition(Job job, String type) {
        return job.getStatus() == null
                ? Optional.empty()
                : job.getStatus().getConditions().stream()
                        .filter(one ->
                                one.getType().equals(type) && one.getStatus().equals("True"))
                        .findFirst();
    }

    private static Optional<PodCondition> podCondition(Pod pod, String type, String status) {
        return pod.getStatus().getConditions().stream()
                .filter(one -> one.getType().equals(type) && one.getStatus().equals(status))
                .findFirst();
    }

    private static Optional<ContainerStatus> container(Pod pod) {
        return pod.getStatus().getContainerStatuses().stream()
                .filter(status -> status.getName().equals(TrainerJobs.CONTAINER))
                .findFirst();
    }

    private static String image(Pod pod) {
        return pod.getSpec().getContainers().getFirst().getImage();
    }

    private static String memory(Pod pod) {
        return String.valueOf(pod.getSpec()
                .getContainers()
                .getFirst()
                .getResources()
                .getLimits()
                .get("memory"));
    }
}
