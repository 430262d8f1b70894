package dev.loupe.training.launch;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.loupe.contracts.training.TrainerExit;
import dev.loupe.contracts.training.TrainerSpec;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import dev.loupe.service.telemetry.TraceParent;
import dev.loupe.training.launch.KubernetesConfig.PriorityRange;
import dev.loupe.training.launch.LaunchException.Consequence;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodSpecBuilder;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpecBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.PodFailurePolicy;
import io.fabric8.kubernetes.api.model.batch.v1.PodFailurePolicyBuilder;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.regex.Pattern;

/** Builds the manifests of a trainer's Job from the PodTemplate of trainers, the configuration and the run. Immutable. */
final class TrainerJobs {
    static final String CONTAINER = "trainer";
    static final String RUN = "loupe.dev/run";
    static final String ATTEMPT = "loupe.dev/attempt";
    static final String PROJECT = "loupe.dev/project";
    /** Label of all objects of trainers: the name of their PodTemplate. */
    static final String POD_TEMPLATE = "loupe.dev/pod-template";
    /** Label of the Jobs that Kueue manages. */
    static final String QUEUE = "kueue.x-k8s.io/queue-name";

    static final String WORKLOAD_PRIORITY = "kueue.x-k8s.io/priority-class";

    private static final Path SPEC = Path.of("/etc/loupe");
    private static final Path SCRATCH = Path.of("/scratch");
    /** Resource quantities, without exponents: no run needs 1e-9 of a core, and rounding 1e-99999999 takes too long. */
    private static final Pattern QUANTITY = Pattern.compile("\\d{1,15}(\\.\\d{1,9})?(m|k|M|G|T|Ki|Mi|Gi|Ti)?");
    /** Exit codes of a trainer that was asked to end: after it saved its state, and before it could. */
    private static final List<Integer> ASKED_TO_END = List.of(TrainerExit.STOPPED, 143);

    private final KubernetesConfig config;
    private final ObjectMapper json;

    /**
     * @throws IllegalArgumentException naming the configuration key that is invalid
     */
    TrainerJobs(KubernetesConfig config, ObjectMapper json) {
        this.config = config;
        this.json = json;
        requireQuantity("maximum-cpu", config.maximumCpu());
        requireQuantity("maximum-memory", config.maximumMemory());
        for (PriorityRange range : config.priorityClasses()) {
            if (Math.abs(range.from()) > 100) {
                throw new IllegalArgumentException(
                        "loupe.training.kubernetes.priority-classes: expected a priority from -100 to 100, got "
                                + range.from());
            }
        }
    }

    private static void requireQuantity(String key, String value) {
        if (!QUANTITY.matcher(value).matches()) {
            throw new IllegalArgumentException(
                    "loupe.training.kubernetes." + key + ": expected a quantity, got '" + value + "'");
        }
    }

    /** Labels that select all objects of trainers. */
    Map<String, String> labels() {
        return Map.of(POD_TEMPLATE, config.podTemplate());
    }

    /** Labels that select all objects of one job. */
    Map<String, String> labels(JobName job) {
        Map<String, String> all = new TreeMap<>(labels());
        all.put(RUN, job.run().toString());
        all.put(ATTEMPT, Integer.toString(job.attempt()));
        return all;
    }

    /**
     * @return the number of GPUs that its trainer gets
     * @throws ServiceException {@code INVALID_REQUEST} if the run asks for more than it may
     */
    int check(TrainerResources asked) {
        if (asked.gpus() != null && (asked.gpus() < 0 || asked.gpus() > config.gpuMaximum())) {
            throw new ServiceException(
                    ErrorCode.INVALID_REQUEST,
                    "resources.gpus: expected 0 to " + config.gpuMaximum() + ", got " + asked.gpus());
        }
        check("cpu", asked.cpu(), config.maximumCpu());
        check("memory", asked.memory(), config.maximumMemory());
        return gpus(asked);
    }

    private int gpus(TrainerResources asked) {
        return asked.gpus() == null ? config.gpuCount() : asked.gpus();
    }

    private static void check(String name, String asked, String maximum) {
        if (asked == null) {
            return;
        }
        boolean within = QUANTITY.matcher(asked).matches()
                && amount(asked).signum() > 0
                && amount(asked).compareTo(amount(maximum)) <= 0;
        if (!within) {
            throw new ServiceException(
                    ErrorCode.INVALID_REQUEST,
                    "resources." + name + ": expected a quantity up to " + maximum + ", got '" + asked + "'");
        }
    }

    private static BigDecimal amount(String quantity) {
        return Quantity.parse(quantity).getNumericalAmount();
    }

    /** The folders and cores of the job's trainer. */
    TrainerEnvironment trainerEnvironment(PodTemplateSpec template, TrainerResources asked) {
        ResourceRequirements resources = resources(trainer(template).getResources(), asked);
        Quantity cpu = Objects.requireNonNullElse(
                limits(resources).get("cpu"), requests(resources).get("cpu"));
        int threads = cpu == null
                ? 1
                : Math.max(
                        1,
                        cpu.getNumericalAmount()
                                .setScale(0, RoundingMode.CEILING)
                                .intValueExact());
        return new TrainerEnvironment(SCRATCH.resolve("work"), SCRATCH.resolve("cache"), threads);
    }

    private Container trainer(PodTemplateSpec template) {
        List<Container> containers = template == null || template.getSpec() == null
                ? List.of()
                : template.getSpec().getContainers();
        Container trainer = containers.stream()
                .filter(container -> CONTAINER.equals(container.getName()))
                .findFirst()
                .orElseThrow(() -> invalid("expected a container '" + CONTAINER + "', got "
                        + containers.stream().map(Container::getName).toList()));
        if (trainer.getVolumeMounts().stream()
                .noneMatch(mount -> SCRATCH.toString().equals(mount.getMountPath()))) {
            throw invalid("expected a volume that the container '" + CONTAINER + "' mounts at " + SCRATCH
                    + ", there is none");
        }
        return trainer;
    }

    private LaunchException invalid(String reason) {
        return new LaunchException(Consequence.WAIT, "PodTemplate '" + config.podTemplate() + "': " + reason, null);
    }

    /**
     * The Job. Its pod waits for a Secret whose name is unique to this Job, even among Jobs of the same attempt.
     *
     * @param priority -100..100, priority of the run
     * @throws LaunchException if no trainer can run in pods of this template
     */
    Job job(JobName job, TrainerSpec spec, PodTemplateSpec template, TrainerResources asked, int priority) {
        Optional<PriorityRange> range = range(priority);
        Map<String, String> labels = labels(job);
        return new JobBuilder()
                .withNewMetadata()
                .withName(job.value())
                .withLabels(
                        template.getMetadata() == null
                                ? null
                                : template.getMetadata().getLabels())
                .addToLabels(labels)
                .addToLabels(config.queue().map(queue -> Map.of(QUEUE, queue)).orElse(Map.of()))
                .addToLabels(range.flatMap(PriorityRange::workloads)
                        .map(name -> Map.of(WORKLOAD_PRIORITY, name))
                        .orElse(Map.of()))
                .addToAnnotations(PROJECT, spec.projectName())
                .endMetadata()
                .withNewSpec()
                .withBackoffLimit(0) // the service makes the attempts, not the Job
                .withPodFailurePolicy(failures())
                .withActiveDeadlineSeconds(config.activeDeadline().toSeconds())
                .withTtlSecondsAfterFinished(
                        Math.toIntExact(config.ttlAfterFinished().toSeconds()))
                .withSuspend(config.queue().isPresent() ? true : null)
                .withTemplate(new PodTemplateSpecBuilder(template)
                        .editOrNewMetadata()
                        .addToLabels(labels)
                        .addToAnnotations(PROJECT, spec.projectName())
                        .endMetadata()
                        .withSpec(pod(job, template, asked))
                        .editSpec()
                        .withPriorityClassName(range.flatMap(PriorityRange::pods)
                                .orElse(template.getSpec().getPriorityClassName()))
                        .endSpec()
                        .build())
                .endSpec()
                .build();
    }

    private Optional<PriorityRange> range(int priority) {
        return config.priorityClasses().stream()
                .filter(range -> range.from() <= priority)
                .max(Comparator.comparingInt(PriorityRange::from));
    }

    /** A pod that was preempted or evicted is replaced; that does not count as an attempt. */
    private static PodFailurePolicy failures() {
        return new PodFailurePolicyBuilder()
                .addNewRule()
                .withAction("FailJob")
                .withNewOnExitCodes()
                .withContainerName(CONTAINER)
                .withOperator("In")
                .withValues(TrainerExit.BAD_CONFIGURATION)
                .endOnExitCodes()
                .endRule()
                .addNewRule()
                .withAction("Ignore")
                .addNewOnPodCondition("True", "DisruptionTarget")
                .endRule()
                .addNewRule()
                .withAction("Ignore")
                .withNewOnExitCodes()
                .withContainerName(CONTAINER)
                .withOperator("In")
                .withValues(ASKED_TO_END)
                .endOnExitCodes()
                .endRule()
                .build();
    }

    /** The template's pod with the spec of this attempt and the resources that its run asks for. */
    private PodSpec pod(JobName job, PodTemplateSpec template, TrainerResources asked) {
        Container container = trainer(template);
        List<EnvVar> variables = new ArrayList<>(container.getEnv());
        variables.add(
                new EnvVar("LOUPE_REPORT_TOKEN_FILE", SPEC.resolve("token").toString(), null));
        String traceparent = TraceParent.current();
        if (traceparent != null) {
            variables.add(new EnvVar("TRACEPARENT", traceparent, null));
        }
        return new PodSpecBuilder(template.getSpec())
                .withRestartPolicy("Never")
                .removeFromContainers(container)
                .addToContainers(
                        0,
                        new ContainerBuilder(container)
                                .withEnv(variables)
                                .withResources(resources(container.getResources(), asked))
                                .addNewVolumeMount()
                                .withName("spec")
                                .withMountPath(SPEC.toString())
                                .withReadOnly(true)
                                .endVolumeMount()
                                .build())
                .addNewVolume()
                .withName("spec")
                .withNewSecret()
                .withSecretName(job.value() + "-" + UUID.randomUUID().toString().substring(0, 8))
                .withDefaultMode(0440)
                .endSecret()
                .endVolume()
                .build();
    }

    private ResourceRequirements resources(ResourceRequirements template, TrainerResources asked) {
        Map<String, Quantity> requests = new TreeMap<>(requests(template));
        Map<String, Quantity> limits = new TreeMap<>(limits(template));
        set("cpu", asked.cpu(), requests, limits);
        set("memory", asked.memory(), requests, limits);
        int gpus = gpus(asked);
        set(config.gpuResource(), gpus == 0 ? null : Integer.toString(gpus), requests, limits);
        ResourceRequirements resources = new ResourceRequirements();
        resources.setRequests(requests);
        resources.setLimits(limits);
        return resources;
    }

    private static void set(String name, String asked, Map<String, Quantity> requests, Map<String, Quantity> limits) {
        if (asked != null) {
            requests.put(name, new Quantity(asked));
            limits.put(name, new Quantity(asked));
        }
    }

    private static Map<String, Quantity> requests(ResourceRequirements of) {
        return of == null || of.getRequests() == null ? Map.of() : of.getRequests();
    }

    private static Map<String, Quantity> limits(ResourceRequirements of) {
        return of == null || of.getLimits() == null ? Map.of() : of.getLimits();
    }

    /** The Secret with the trainer's spec and token, which the owner's pod waits for. It is deleted with its Job. */
    Secret secret(Job owner, JobName job, TrainerSpec spec, String token) {
        String name = owner.getSpec().getTemplate().getSpec().getVolumes().stream()
                .filter(volume -> volume.getName().equals("spec"))
                .findFirst()
                .orElseThrow()
                .getSecret()
                .getSecretName();
        try {
            return new SecretBuilder()
                    .withNewMetadata()
                    .withName(name)
                    .withLabels(labels(job))
                    .addNewOwnerReference()
                    .withApiVersion("batch/v1")
                    .withKind("Job")
                    .withName(job.value())
                    .withUid(owner.getMetadata().getUid())
                    .endOwnerReference()
                    .endMetadata()
                    .withImmutable(true)
                    .withStringData(Map.of("spec.json", json.writeValueAsString(spec), "token", token))
                    .build();
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e); // our own record always serializes
        }
    }
}
