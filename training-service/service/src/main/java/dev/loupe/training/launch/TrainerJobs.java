package dev.loupe.training.launch;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.loupe.contracts.training.TrainerExit;
import dev.loupe.contracts.training.TrainerSpec;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import dev.loupe.service.telemetry.TraceParent;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.LocalObjectReference;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodSpecBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.Toleration;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.PodFailurePolicy;
import io.fabric8.kubernetes.api.model.batch.v1.PodFailurePolicyBuilder;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.UUID;
import java.util.regex.Pattern;

/** Builds the manifests of a trainer's Job from the configuration and the run. Immutable. */
final class TrainerJobs {
    static final String CONTAINER = "trainer";
    static final String RUN = "loupe.dev/run";
    static final String ATTEMPT = "loupe.dev/attempt";
    static final String PROJECT = "loupe.dev/project";
    /** Label of the Jobs that Kueue manages. */
    static final String QUEUE = "kueue.x-k8s.io/queue-name";

    private static final Path SPEC = Path.of("/etc/loupe");
    private static final Path SCRATCH = Path.of("/scratch");
    private static final long USER = 65532;
    /** Resource quantities, without exponents: no run needs 1e-9 of a core, and rounding 1e-99999999 takes too long. */
    private static final Pattern QUANTITY = Pattern.compile("\\d{1,15}(\\.\\d{1,9})?(m|k|M|G|T|Ki|Mi|Gi|Ti)?");
    /** Exit codes of a trainer that was asked to end: after it saved its state, and before it could. */
    private static final List<Integer> ASKED_TO_END = List.of(TrainerExit.STOPPED, 143);

    private final KubernetesConfig config;
    private final ObjectMapper json;
    private final String image;
    private final Map<String, String> labels;
    private final Map<String, String> annotations;
    private final Map<String, String> nodeSelector;
    private final Map<String, String> environment;
    private final List<Toleration> tolerations;
    private final List<Volume> volumes;
    private final List<VolumeMount> volumeMounts;
    private final ResourceRequirements usual;

    /**
     * @throws IllegalArgumentException naming the configuration key that is missing or invalid
     */
    TrainerJobs(KubernetesConfig config, ObjectMapper json) {
        TypeReference<Map<String, String>> texts = new TypeReference<>() {};
        this.config = config;
        this.json = json;
        this.image = config.image()
                .orElseThrow(() -> new IllegalArgumentException(
                        "loupe.training.kubernetes.image is missing: which image has the trainer?"));
        this.labels = read("labels", config.labels(), texts);
        this.annotations = read("annotations", config.annotations().orElse("{}"), texts);
        this.nodeSelector = read("node-selector", config.nodeSelector().orElse("{}"), texts);
        this.environment = read("environment", config.environment().orElse("{}"), texts);
        this.tolerations = read("tolerations", config.tolerations().orElse("[]"), new TypeReference<>() {});
        this.volumes = read("volumes", config.volumes().orElse("[]"), new TypeReference<>() {});
        this.volumeMounts = read("volume-mounts", config.volumeMounts().orElse("[]"), new TypeReference<>() {});
        this.usual = read("resources", config.resources(), new TypeReference<>() {});
        Quantity.getAmountInBytes(new Quantity(config.maximumCpu()));
        Quantity.getAmountInBytes(new Quantity(config.maximumMemory()));
    }

    private <T> T read(String key, String text, TypeReference<T> type) {
        try {
            return json.readValue(text, type);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(
                    "loupe.training.kubernetes." + key + ": expected JSON, got '" + text + "': "
                            + e.getOriginalMessage(),
                    e);
        }
    }

    /** Labels that select all objects of trainers. */
    Map<String, String> labels() {
        return labels;
    }

    /** Labels that select all objects of one job. */
    Map<String, String> labels(JobName job) {
        Map<String, String> all = new TreeMap<>(labels);
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
    Workplace workplace(TrainerResources asked) {
        ResourceRequirements resources = resources(asked);
        Quantity cpu = Objects.requireNonNullElse(
                limits(resources).get("cpu"), requests(resources).get("cpu"));
        int threads = cpu == null
                ? 1
                : Math.max(
                        1,
                        cpu.getNumericalAmount()
                                .setScale(0, RoundingMode.CEILING)
                                .intValueExact());
        return new Workplace(SCRATCH.resolve("work"), SCRATCH.resolve("cache"), threads);
    }

    /** The Job. Its pod waits for a Secret whose name is unique to this Job, even among Jobs of the same attempt. */
    Job job(JobName job, TrainerSpec spec, TrainerResources asked) {
        Map<String, String> all = labels(job);
        Map<String, String> ofJob = new TreeMap<>(all);
        config.queue().ifPresent(queue -> ofJob.put(QUEUE, queue));
        Map<String, String> notes = new TreeMap<>(annotations);
        notes.put(PROJECT, spec.projectName());
        return new JobBuilder()
                .withNewMetadata()
                .withName(job.value())
                .withLabels(ofJob)
                .addToAnnotations(PROJECT, spec.projectName())
                .endMetadata()
                .withNewSpec()
                .withBackoffLimit(0) // the service makes the attempts, not the Job
                .withPodFailurePolicy(failures())
                .withActiveDeadlineSeconds(config.activeDeadline().toSeconds())
                .withTtlSecondsAfterFinished(
                        Math.toIntExact(config.ttlAfterFinished().toSeconds()))
                .withSuspend(config.queue().isPresent() ? true : null)
                .withNewTemplate()
                .withNewMetadata()
                .withLabels(all)
                .withAnnotations(notes)
                .endMetadata()
                .withSpec(pod(job, asked))
                .endTemplate()
                .endSpec()
                .build();
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

    private PodSpec pod(JobName job, TrainerResources asked) {
        return new PodSpecBuilder()
                .withRestartPolicy("Never")
                .withServiceAccountName(config.serviceAccount().orElse(null))
                .withAutomountServiceAccountToken(false)
                .withEnableServiceLinks(false)
                .withTerminationGracePeriodSeconds(
                        config.terminationGracePeriod().toSeconds())
                .withImagePullSecrets(config.imagePullSecrets().orElse(List.of()).stream()
                        .map(LocalObjectReference::new)
                        .toList())
                .withRuntimeClassName(config.runtimeClass().orElse(null))
                .withPriorityClassName(config.priorityClass().orElse(null))
                .withNodeSelector(nodeSelector)
                .withTolerations(tolerations)
                .withNewSecurityContext()
                .withRunAsNonRoot(true)
                .withRunAsUser(USER)
                .withRunAsGroup(USER)
                .withFsGroup(USER)
                .withNewSeccompProfile(null, "RuntimeDefault")
                .endSecurityContext()
                .withContainers(container(asked))
                .addNewVolume()
                .withName("spec")
                .withNewSecret()
                .withSecretName(job.value() + "-" + UUID.randomUUID().toString().substring(0, 8))
                .withDefaultMode(0440)
                .endSecret()
                .endVolume()
                .addNewVolume()
                .withName("scratch")
                .withNewEmptyDir()
                .withSizeLimit(new Quantity(config.scratchSize()))
                .endEmptyDir()
                .endVolume()
                .addNewVolume()
                .withName("memory")
                .withNewEmptyDir()
                .withMedium("Memory")
                .withSizeLimit(new Quantity(config.sharedMemorySize()))
                .endEmptyDir()
                .endVolume()
                .addAllToVolumes(volumes)
                .build();
    }

    private Container container(TrainerResources asked) {
        List<EnvVar> variables = new ArrayList<>(List.of(
                new EnvVar("LOUPE_REPORT_TOKEN_FILE", SPEC.resolve("token").toString(), null),
                new EnvVar("OMP_WAIT_POLICY", "PASSIVE", null)));
        String traceparent = TraceParent.current();
        if (traceparent != null) {
            variables.add(new EnvVar("TRACEPARENT", traceparent, null));
        }
        environment.forEach((name, value) -> variables.add(new EnvVar(name, value, null)));
        return new ContainerBuilder()
                .withName(CONTAINER)
                .withImage(image)
                .withImagePullPolicy(config.imagePullPolicy())
                .withArgs(config.arguments())
                .withEnv(variables)
                .withResources(resources(asked))
                .withNewSecurityContext()
                .withAllowPrivilegeEscalation(false)
                .withReadOnlyRootFilesystem(true)
                .withNewCapabilities()
                .withDrop("ALL")
                .endCapabilities()
                .endSecurityContext()
                .addNewVolumeMount()
                .withName("spec")
                .withMountPath(SPEC.toString())
                .withReadOnly(true)
                .endVolumeMount()
                .addNewVolumeMount()
                .withName("scratch")
                .withMountPath(SCRATCH.toString())
                .endVolumeMount()
                .addNewVolumeMount()
                .withName("scratch")
                .withSubPath("tmp")
                .withMountPath("/tmp")
                .endVolumeMount()
                .addNewVolumeMount()
                .withName("memory")
                .withMountPath("/dev/shm")
                .endVolumeMount()
                .addAllToVolumeMounts(volumeMounts)
                .build();
    }

    private ResourceRequirements resources(TrainerResources asked) {
        Map<String, Quantity> requests = new TreeMap<>(requests(usual));
        Map<String, Quantity> limits = new TreeMap<>(limits(usual));
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
        return Objects.requireNonNullElse(of.getRequests(), Map.of());
    }

    private static Map<String, Quantity> limits(ResourceRequirements of) {
        return Objects.requireNonNullElse(of.getLimits(), Map.of());
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
