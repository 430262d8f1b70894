package dev.loupe.training.launch;

import dev.loupe.contracts.training.TrainerSpec;
import dev.loupe.training.launch.LaunchException.Consequence;
import io.fabric8.kubernetes.api.model.DeletionPropagation;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodTemplate;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/**
 * Runs trainers as Kubernetes Jobs, one for each attempt. The Job is created first; a launch that finds a Job of that
 * name adopts it. Then comes the Secret that its pod waits for, which is owned by the Job.
 *
 * <p>An observation is always a complete list from the API server. A watch only triggers observations: if it breaks, is
 * closed with 410 or is silent, changes are seen later, at the next periodic observation. If the list fails, there is
 * no observation: a job is reported as gone only if the API server has answered.
 */
final class KubernetesJobLauncher implements JobLauncher, AutoCloseable {
    private static final Logger LOG = Logger.getLogger(KubernetesJobLauncher.class);
    private static final int CONFLICT = 409;
    private static final int NOT_FOUND = 404;
    private static final int BAD_REQUEST = 400;
    private static final int UNPROCESSABLE = 422;
    /** A Job that has no pod for longer than this has a reason that is worth reading. */
    private static final Duration TYPICAL_START = Duration.ofSeconds(2);
    /** Timeout of a request for a log: the node that has it may be unreachable for good. */
    private static final Duration LOG_PATIENCE = Duration.ofMinutes(1);

    private final KubernetesClient client;
    private final KubernetesConfig config;
    private final TrainerJobs jobs;
    private final StoredLogs logs;
    private final Runnable changed;
    private final String namespace;
    /** Jobs whose Secrets are known to exist. For others that have not begun, the launch may have been interrupted. */
    private final Set<JobName> launched = ConcurrentHashMap.newKeySet();

    private final Map<JobName, Instant> stopping = new ConcurrentHashMap<>();
    private final AtomicReference<Watch> watch = new AtomicReference<>();

    /**
     * @param changed called when a job may have changed, by threads of the client; must return at once
     */
    KubernetesJobLauncher(
            KubernetesClient client, KubernetesConfig config, TrainerJobs jobs, StoredLogs logs, Runnable changed) {
        this.client = client;
        this.config = config;
        this.jobs = jobs;
        this.logs = logs;
        this.changed = changed;
        this.namespace = config.namespace().orElseGet(client::getNamespace);
    }

    @Override
    public int check(TrainerResources resources) {
        return jobs.check(resources);
    }

    @Override
    public void launch(
            JobName job,
            String token,
            TrainerResources resources,
            int priority,
            Function<TrainerEnvironment, TrainerSpec> spec) {
        launched.remove(job); // another Job may get this name
        try {
            PodTemplateSpec template = template();
            TrainerSpec told = spec.apply(jobs.trainerEnvironment(template, resources));
            Job created = create(jobs.job(job, told, template, resources, priority));
            try {
                client.secrets()
                        .inNamespace(namespace)
                        .resource(jobs.secret(created, job, told, token))
                        .create();
            } catch (KubernetesClientException e) {
                if (!alreadyExists(e)) {
                    throw e;
                }
            }
            launched.add(job);
        } catch (KubernetesClientException e) {
            throw launchFailure(job, e);
        }
    }

    private PodTemplateSpec template() {
        PodTemplate template = client.v1()
                .podTemplates()
                .inNamespace(namespace)
                .withName(config.podTemplate())
                .get();
        if (template == null) {
            throw new LaunchException(
                    Consequence.WAIT,
                    "PodTemplate '" + config.podTemplate() + "' does not exist in namespace '" + namespace + "'",
                    null);
        }
        return template.getTemplate();
    }

    private Job create(Job job) {
        try {
            Job created = client.batch()
                    .v1()
                    .jobs()
                    .inNamespace(namespace)
                    .resource(job)
                    .create();
            LOG.infof("%s: Job created", created.getMetadata().getName());
            return created;
        } catch (KubernetesClientException e) {
            if (!alreadyExists(e)) {
                throw e;
            }
            return client.batch()
                    .v1()
                    .jobs()
                    .inNamespace(namespace)
                    .resource(job)
                    .require();
        }
    }

    /** Whether the object already exists. Other conflicts, such as concurrent changes of a quota, do not count. */
    private static boolean alreadyExists(KubernetesClientException e) {
        return e.getCode() == CONFLICT
                && e.getStatus() != null
                && "AlreadyExists".equals(e.getStatus().getReason());
    }

    /**
     * Classifies the error: permanently rejected, rejected for now, or no answer from the server, which decides
     * nothing.
     */
    private static RuntimeException launchFailure(JobName job, KubernetesClientException e) {
        String words = e.getStatus() == null || e.getStatus().getMessage() == null
                ? e.getMessage()
                : e.getStatus().getMessage();
        if (e.getCode() == BAD_REQUEST || e.getCode() == UNPROCESSABLE) {
            return new LaunchException(Consequence.NONE, "BAD_CONFIGURATION: its Job is refused: " + words, e);
        }
        if (e.getCode() > BAD_REQUEST && e.getCode() < 500) {
            return new LaunchException(Consequence.WAIT, "its Job is not taken: " + words, e);
        }
        return new IllegalStateException(job + " can't be launched now: " + words, e);
    }

    @Override
    public Map<JobName, ObservedJob> observe() {
        keepWatching();
        Map<String, List<Pod>> pods = client
                .pods()
                .inNamespace(namespace)
                .withLabels(jobs.labels())
                .withLabel(TrainerJobs.RUN)
                .list()
                .getItems()
                .stream()
                .filter(pod -> job(pod).isPresent())
                .collect(Collectors.groupingBy(pod -> job(pod).get().value()));
        Map<JobName, ObservedJob> observed = new HashMap<>();
        // List Jobs after pods: a Job that is missing from the list may have left pods, but no pod exists before its
        // Job.
        for (Job job : client.batch()
                .v1()
                .jobs()
                .inNamespace(namespace)
                .withLabels(jobs.labels())
                .withLabel(TrainerJobs.RUN)
                .list()
                .getItems()) {
            JobName.parse(job.getMetadata().getName()).ifPresent(name -> {
                List<Pod> own = pods.getOrDefault(name.value(), List.of());
                pods.remove(name.value());
                observed.put(name, observe(name, job, own));
            });
        }
        // Pods of deleted Jobs: such a trainer counts as running until its pod has ended.
        pods.values().stream()
                .flatMap(List::stream)
                .filter(KubernetesJobLauncher::runs)
                .forEach(pod -> job(pod).ifPresent(name -> observed.put(name, new ObservedJob.Running())));
        return observed;
    }

    private ObservedJob observe(JobName name, Job job, List<Pod> pods) {
        ObservedJob observed = JobStatusReader.of(job, pods, () -> podCreationError(job));
        boolean waits = observed instanceof ObservedJob.Pending || observed instanceof ObservedJob.Suspended;
        return waits && !launched.contains(name) ? new ObservedJob.IncompleteLaunch() : observed;
    }

    private static boolean runs(Pod pod) {
        return "Running".equals(pod.getStatus().getPhase());
    }

    private static Optional<JobName> job(Pod pod) {
        return Optional.ofNullable(pod.getMetadata().getLabels().get("job-name"))
                .flatMap(JobName::parse);
    }

    /**
     * The event of the Job controller that says why it cannot create a pod, such as a quota or a policy of the cluster.
     */
    private Optional<String> podCreationError(Job job) {
        Instant created = Instant.parse(job.getMetadata().getCreationTimestamp());
        if (created.plus(TYPICAL_START).isAfter(Instant.now())) {
            return Optional.empty();
        }
        return client
                .v1()
                .events()
                .inNamespace(namespace)
                .withField("involvedObject.uid", job.getMetadata().getUid())
                .withField("reason", "FailedCreate")
                .list()
                .getItems()
                .stream()
                .max(Comparator.comparing(event -> Optional.ofNullable(event.getLastTimestamp())
                        .orElse(event.getMetadata().getCreationTimestamp())))
                .map(Event::getMessage)
                .map(message -> "its pod is not taken: " + message.replaceFirst("^Error creating: ", ""));
    }

    private void keepWatching() {
        if (watch.get() != null) {
            return;
        }
        Watch[] mine = new Watch[1];
        mine[0] = client.batch()
                .v1()
                .jobs()
                .inNamespace(namespace)
                .withLabels(jobs.labels())
                .withLabel(TrainerJobs.RUN)
                .watch(new Watcher<>() {
                    @Override
                    public void eventReceived(Action action, Job job) {
                        changed.run();
                    }

                    @Override
                    public void onClose(WatcherException why) {
                        // For example with 410, when the server no longer has the history since the last event.
                        LOG.infof("the watch of Jobs ended (%s), the next look opens another", why.getMessage());
                        watch.set(null);
                    }
                });
        if (!watch.compareAndSet(null, mine[0])) {
            mine[0].close();
        }
    }

    @Override
    public void stop(JobName job) {
        Instant now = Instant.now();
        boolean ends =
                stopping.computeIfAbsent(job, _ -> now).plus(config.stopGrace()).isAfter(now);
        List<Pod> pods = pods(job);
        boolean begun = pods.stream()
                .anyMatch(pod -> JobStatusReader.hasStarted(pod)
                        || !"Pending".equals(pod.getStatus().getPhase()));
        if (ends && begun) {
            return; // if it has not ended by itself, the reply to its next report tells it to end
        }
        keepLogs(job, pods);
        delete(job);
    }

    private void delete(JobName job) {
        client.batch()
                .v1()
                .jobs()
                .inNamespace(namespace)
                .withName(job.value())
                .withPropagationPolicy(DeletionPropagation.BACKGROUND)
                .delete();
    }

    /** Keeps a finished Job for a while, for people to inspect; deletes one that would create another pod. */
    @Override
    public void discard(JobName job) {
        keepLogs(job, pods(job));
        Job left = client.batch()
                .v1()
                .jobs()
                .inNamespace(namespace)
                .withName(job.value())
                .get();
        if (left != null && !JobStatusReader.isFinished(left)) {
            delete(job);
        }
        launched.remove(job);
        stopping.remove(job);
    }

    private void keepLogs(JobName job, List<Pod> pods) {
        Instant now = Instant.now();
        boolean patient =
                stopping.computeIfAbsent(job, _ -> now).plus(LOG_PATIENCE).isAfter(now);
        for (Pod pod : pods) {
            String name = pod.getMetadata().getName();
            try {
                byte[] log = log(pod);
                if (log.length > 0) {
                    logs.put(job, name, log);
                }
            } catch (KubernetesClientException e) {
                if (patient) {
                    throw e;
                }
                LOG.warnf("%s: the log of %s is not kept, its node does not give it: %s", job, name, e.getMessage());
            }
        }
    }

    /** The pods of the job, oldest first. */
    private List<Pod> pods(JobName job) {
        return client.pods().inNamespace(namespace).withLabels(jobs.labels(job)).list().getItems().stream()
                .sorted(Comparator.comparing(pod -> pod.getMetadata().getCreationTimestamp()))
                .toList();
    }

    private byte[] log(Pod pod) {
        try {
            return client.pods()
                    .inNamespace(namespace)
                    .withName(pod.getMetadata().getName())
                    .inContainer(TrainerJobs.CONTAINER)
                    .getLog()
                    .getBytes(StandardCharsets.UTF_8);
        } catch (KubernetesClientException e) {
            if (e.getCode() == BAD_REQUEST || e.getCode() == NOT_FOUND) {
                return new byte[0]; // has not started, or is gone
            }
            throw e;
        }
    }

    @Override
    public InputStream log(JobName job, long from) {
        List<Pod> live = pods(job);
        Set<String> names =
                live.stream().map(pod -> pod.getMetadata().getName()).collect(Collectors.toSet());
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        logs.pods(job).stream()
                .filter(name -> !names.contains(name))
                .forEach(name -> all.writeBytes(logs.get(job, name)));
        live.forEach(pod -> all.writeBytes(log(pod)));
        return new ByteArrayInputStream(all.toByteArray(), (int) Math.min(from, all.size()), all.size());
    }

    @Override
    public void close() {
        Watch open = watch.getAndSet(null);
        if (open != null) {
            open.close();
        }
    }
}
