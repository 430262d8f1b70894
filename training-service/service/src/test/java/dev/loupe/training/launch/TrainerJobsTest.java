package dev.loupe.training.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpecBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrainerJobsTest {
    private static final JobName NAME = JobName.of(UUID.fromString("0198c0de-0000-7000-8000-000000000001"), 2);
    private static final Map<String, String> EVERYTHING =
            Map.of("gpu-count", "1", "gpu-maximum", "2", "queue", "team", "active-deadline", "86400s");
    private static final PodTemplateSpec TEMPLATE = Configurations.podTemplate().getTemplate();

    @Test
    void aJobHasThePodOfTheTemplate() throws IOException {
        TrainerJobs jobs = jobs(EVERYTHING);

        Job job = job(jobs, TrainerResources.DEFAULT);

        try (InputStream golden = getClass().getResourceAsStream("job.yaml")) {
            assertEquals(
                    new String(golden.readAllBytes(), StandardCharsets.UTF_8),
                    Serialization.asYaml(job)
                            .replaceFirst("(secretName: \"" + NAME.value() + "-)[0-9a-f]{8}", "$1RANDOM"),
                    "job.yaml");
        }
    }

    @Test
    void aJobWithoutQueueAndGpusHasNeither() {
        TrainerJobs jobs = jobs(Map.of());

        Job job = job(jobs, TrainerResources.DEFAULT);

        assertEquals(null, job.getSpec().getSuspend());
        assertFalse(Serialization.asYaml(job).contains("nvidia.com/gpu"));
        assertFalse(Serialization.asYaml(job).contains("null"));
    }

    @Test
    void aTemplateWithoutTrainerOrScratchFolderLetsTheRunWait() {
        TrainerJobs jobs = jobs(Map.of());
        PodTemplateSpec noTrainer = new PodTemplateSpecBuilder(TEMPLATE)
                .editSpec()
                .removeMatchingFromContainers(container -> container.getName().equals("trainer"))
                .endSpec()
                .build();
        PodTemplateSpec noScratch = new PodTemplateSpecBuilder(TEMPLATE)
                .editSpec()
                .editMatchingContainer(container -> container.getName().equals("trainer"))
                .withVolumeMounts(List.of())
                .endContainer()
                .endSpec()
                .build();

        for (PodTemplateSpec template : new PodTemplateSpec[] {null, new PodTemplateSpec(), noTrainer, noScratch}) {
            LaunchException refusal = assertThrows(
                    LaunchException.class, () -> jobs.trainerEnvironment(template, TrainerResources.DEFAULT));
            assertEquals(LaunchException.Consequence.WAIT, refusal.consequence());
        }
    }

    @Test
    void theSpecAndTheTokenAreInASecretThatGoesWithTheJob() {
        TrainerJobs jobs = jobs(EVERYTHING);
        Job job = job(jobs, TrainerResources.DEFAULT);
        job.getMetadata().setUid("uid-1");

        Secret secret = jobs.secret(job, NAME, spec(jobs), "very secret");

        assertTrue(Serialization.asYaml(job)
                .contains("secretName: \"" + secret.getMetadata().getName() + "\""));
        assertFalse(
                Serialization.asYaml(job(jobs, TrainerResources.DEFAULT))
                        .contains(secret.getMetadata().getName()),
                "of another Job of that name");
        assertEquals(
                "uid-1", secret.getMetadata().getOwnerReferences().getFirst().getUid());
        assertEquals("very secret", secret.getStringData().get("token"));
        assertFalse(secret.getStringData().get("spec.json").contains("very secret"));
        assertFalse(Serialization.asYaml(job).contains("very secret"));
    }

    @Test
    void aRunMayAskForOtherResources() {
        TrainerJobs jobs = jobs(EVERYTHING);
        TrainerResources asked = new TrainerResources(2, "3", "32Gi");
        jobs.check(asked);

        ResourceRequirements resources = job(jobs, asked)
                .getSpec()
                .getTemplate()
                .getSpec()
                .getContainers()
                .getFirst()
                .getResources();

        Map<String, Quantity> expected =
                Map.of("cpu", new Quantity("3"), "memory", new Quantity("32Gi"), "nvidia.com/gpu", new Quantity("2"));
        assertEquals(expected, resources.getLimits());
        assertEquals(expected, resources.getRequests());
        assertEquals(3, jobs.trainerEnvironment(TEMPLATE, asked).threads());
        assertEquals(
                3, jobs.trainerEnvironment(TEMPLATE, TrainerResources.DEFAULT).threads(), "2500m, rounded up");
    }

    @ParameterizedTest
    @CsvSource({
        "3, , , resources.gpus: expected 0 to 2",
        "-1, , , resources.gpus: expected 0 to 2",
        ", 17, , resources.cpu: expected a quantity up to 16",
        ", 16001m, , resources.cpu: expected a quantity up to 16",
        ", 0, , resources.cpu: expected a quantity up to 16",
        ", many, , resources.cpu: expected a quantity up to 16",
        ", 1e-40000000, , resources.cpu: expected a quantity up to 16",
        ", 1n, , resources.cpu: expected a quantity up to 16",
        ", , 65Gi, resources.memory: expected a quantity up to 64Gi",
        ", , -1Gi, resources.memory: expected a quantity up to 64Gi"
    })
    void whatIsOutOfBoundsIsRefused(Integer gpus, String cpu, String memory, String words) {
        TrainerJobs jobs = jobs(EVERYTHING);

        ServiceException refusal =
                assertThrows(ServiceException.class, () -> jobs.check(new TrainerResources(gpus, cpu, memory)));

        assertEquals(ErrorCode.INVALID_REQUEST, refusal.code());
        assertTrue(refusal.getMessage().startsWith(words), refusal.getMessage());
    }

    @Test
    void aConfigurationThatMakesNoSenseIsNamed() {
        for (String key : List.of("maximum-cpu", "maximum-memory")) {
            IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> jobs(Map.of(key, "much")));
            assertTrue(e.getMessage().startsWith("loupe.training.kubernetes." + key), e.getMessage());
        }
    }

    @Test
    void aPriorityRangeOutOfBoundsIsNamed() {
        IllegalArgumentException e =
                assertThrows(IllegalArgumentException.class, () -> jobs(Map.of("priority-classes[0].from", "101")));
        assertTrue(e.getMessage().startsWith("loupe.training.kubernetes.priority-classes"), e.getMessage());
    }

    @Test
    void aJobsNameTellsRunAndAttempt() {
        assertEquals("loupe-run-0198c0de000070008000000000000001-2", NAME.value());
        assertEquals(NAME, JobName.parse(NAME.value()).orElseThrow());
        assertTrue(JobName.parse("loupe-run-1").isEmpty());
    }

    @ParameterizedTest
    @CsvSource({"-100, low, low", "-1, low, low", "0, , ", "49, , ", "50, high, ", "100, high, "})
    void classesAreThoseOfTheHighestRangeAtOrBelowThePriority(int priority, String pods, String workloads) {
        TrainerJobs jobs = jobs(Map.of(
                "priority-classes[0].from", "50",
                "priority-classes[0].pods", "high",
                "priority-classes[1].from", "-100",
                "priority-classes[1].pods", "low",
                "priority-classes[1].workloads", "low",
                "priority-classes[2].from", "0"));
        Job job = jobs.job(NAME, spec(jobs), TEMPLATE, TrainerResources.DEFAULT, priority);

        String template = TEMPLATE.getSpec().getPriorityClassName();
        assertEquals(
                pods == null ? template : pods,
                job.getSpec().getTemplate().getSpec().getPriorityClassName());
        assertEquals(workloads, job.getMetadata().getLabels().get(TrainerJobs.WORKLOAD_PRIORITY));
    }

    private static Job job(TrainerJobs jobs, TrainerResources asked) {
        return jobs.job(NAME, spec(jobs), TEMPLATE, asked, 0);
    }

    private static dev.loupe.contracts.training.TrainerSpec spec(TrainerJobs jobs) {
        return Configurations.spec(NAME).apply(jobs.trainerEnvironment(TEMPLATE, TrainerResources.DEFAULT));
    }

    private static TrainerJobs jobs(Map<String, String> values) {
        Map<String, String> properties = new HashMap<>();
        values.forEach((key, value) -> properties.put("loupe.training.kubernetes." + key, value));
        return new TrainerJobs(Configurations.of(KubernetesConfig.class, properties), Configurations.JSON);
    }
}
