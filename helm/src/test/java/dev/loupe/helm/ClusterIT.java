package dev.loupe.helm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReview;
import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReviewBuilder;
import io.fabric8.kubernetes.api.model.rbac.Role;
import io.fabric8.kubernetes.api.model.rbac.RoleBinding;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.FieldValidateable.Validation;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Validates the manifests with a real API server. Creates its own namespace, and removes it. */
@Tag("cluster")
class ClusterIT {
    private static final Path FOLDER = Path.of("loupe").toAbsolutePath();
    private static final Path MANIFESTS = Path.of("../k8s").toAbsolutePath().normalize();

    private static KubernetesClient client;
    private static String namespace;

    @BeforeAll
    static void createRestrictedNamespace() throws Exception {
        String path = Stream.of("LOUPE_KUBECONFIG", "KUBECONFIG")
                .map(System.getenv()::get)
                .filter(value -> value != null && !value.isBlank())
                .findFirst()
                .orElse("");
        Assumptions.assumeFalse(path.isEmpty(), "skipped: neither LOUPE_KUBECONFIG nor KUBECONFIG names a cluster");
        client = new KubernetesClientBuilder()
                .withConfig(Config.fromKubeconfig(new File(path)))
                .build();
        namespace = "loupe-test-" + UUID.randomUUID().toString().substring(0, 8);
        client.namespaces()
                .resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(namespace)
                        .addToLabels("pod-security.kubernetes.io/enforce", "restricted")
                        .addToLabels("pod-security.kubernetes.io/warn", "restricted")
                        .endMetadata()
                        .build())
                .create();
        String accounts = new Chart(FOLDER).render(List.of(FOLDER.resolve("values-demo.yaml")), Map.of());
        for (HasMetadata resource : load(accounts)) {
            if (List.of("ServiceAccount", "Role", "RoleBinding").contains(resource.getKind())) {
                client.resource(here(resource)).create();
            }
        }
    }

    @AfterAll
    static void removeNamespace() {
        if (client != null) {
            client.namespaces().withName(namespace).delete();
            client.close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"base/loupe.yaml", "demo/demo.yaml"})
    void apiServerAcceptsManifests(String file) throws Exception {
        List<String> refused = new ArrayList<>();
        for (HasMetadata resource : load(Files.readString(MANIFESTS.resolve(file)))) {
            try {
                client.resource(here(resource))
                        .dryRun()
                        .fieldValidation(Validation.STRICT)
                        .serverSideApply();
            } catch (KubernetesClientException refusal) {
                refused.add(resource.getKind() + " " + resource.getMetadata().getName() + ": " + refusal.getMessage());
            }
        }

        assertEquals(List.of(), refused);
    }

    /** Control of the test above: the API server validates fields. */
    @Test
    void apiServerRejectsMisspeltField() throws Exception {
        String service = "apiVersion: v1\nkind: Service\nmetadata:\n  name: misspelt\nspec:\n  slector: {}\n";

        assertThrows(KubernetesClientException.class, () -> client.resource(
                        here(load(service).getFirst()))
                .dryRun()
                .fieldValidation(Validation.STRICT)
                .create());
    }

    @ParameterizedTest
    @CsvSource({
        "training-service, batch, jobs, create, true",
        "training-service, batch, jobs, get, true",
        "training-service, batch, jobs, list, true",
        "training-service, batch, jobs, watch, true",
        "training-service, batch, jobs, delete, true",
        "training-service, '', pods, get, true",
        "training-service, '', pods, list, true",
        "training-service, '', pods, watch, true",
        "training-service, '', pods/log, get, true",
        "training-service, '', secrets, create, true",
        "training-service, '', podtemplates, list, false",
        "training-service, '', podtemplates, update, false",
        "training-service, '', events, list, true",
        "training-service, batch, jobs, update, false",
        "training-service, batch, jobs, patch, false",
        "training-service, batch, jobs, deletecollection, false",
        "training-service, batch, jobs/status, patch, false",
        "training-service, batch, cronjobs, create, false",
        "training-service, '', pods, create, false",
        "training-service, '', pods, delete, false",
        "training-service, '', pods/exec, create, false",
        "training-service, '', pods/attach, create, false",
        "training-service, '', pods/portforward, create, false",
        "training-service, '', pods/eviction, create, false",
        "training-service, '', pods/ephemeralcontainers, patch, false",
        "training-service, '', secrets, get, false",
        "training-service, '', secrets, list, false",
        "training-service, '', secrets, watch, false",
        "training-service, '', secrets, update, false",
        "training-service, '', secrets, patch, false",
        "training-service, '', secrets, delete, false",
        "training-service, '', events, create, false",
        "training-service, '', configmaps, get, false",
        "training-service, '', persistentvolumeclaims, create, false",
        "training-service, '', serviceaccounts, create, false",
        "training-service, '', serviceaccounts, impersonate, false",
        "training-service, '', serviceaccounts/token, create, false",
        "training-service, '', namespaces, list, false",
        "training-service, '', nodes, list, false",
        "training-service, '', nodes/proxy, get, false",
        "training-service, apps, deployments, patch, false",
        "training-service, networking.k8s.io, networkpolicies, delete, false",
        "training-service, rbac.authorization.k8s.io, roles, create, false",
        "training-service, rbac.authorization.k8s.io, roles, escalate, false",
        "training-service, rbac.authorization.k8s.io, rolebindings, create, false",
        "trainer, batch, jobs, get, false",
        "trainer, '', pods, get, false",
        "trainer, '', secrets, get, false",
        "dataset-service, batch, jobs, create, false",
        "dataset-service, '', secrets, get, false",
        "inference-service, batch, jobs, create, false",
        "inference-service, '', secrets, get, false",
        "inference-service, '', pods, get, false"
    })
    void accountsHaveOnlyTheRequiredPermissions(
            String account, String group, String resource, String verb, boolean allowed) {
        assertEquals(allowed, may(namespace, account, group, resource, verb));
    }

    /** Fails if a permission is added without a case in the test above. */
    @Test
    void roleHasNoOtherPermissions() throws Exception {
        List<String> rights = new ArrayList<>();
        for (HasMetadata resource :
                load(new Chart(FOLDER).render(List.of(FOLDER.resolve("values-demo.yaml")), Map.of()))) {
            if (resource instanceof Role role) {
                role.getRules().forEach(rule -> rule.getResources()
                        .forEach(of -> rule.getVerbs().forEach(verb -> rights.add(of + " " + verb))));
            }
            assertFalse(resource.getKind().startsWith("ClusterRole"), resource.getKind());
        }
        Collections.sort(rights);

        assertEquals(
                List.of(
                        "events list",
                        "jobs create",
                        "jobs delete",
                        "jobs get",
                        "jobs list",
                        "jobs watch",
                        "pods get",
                        "pods list",
                        "pods watch",
                        "pods/log get",
                        "podtemplates get",
                        "secrets create"),
                rights);
    }

    @Test
    void trainingServiceHasNoPermissionsInOtherNamespaces() {
        assertEquals(false, may("default", "training-service", "batch", "jobs", "create"));
        assertEquals(false, may("kube-system", "training-service", "", "pods", "list"));
    }

    @Test
    void trainingServiceHasPermissionsOnlyInTheNamespaceOfTrainers() {
        String trainers = namespace + "-trainers";
        client.namespaces()
                .resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(trainers)
                        .endMetadata()
                        .build())
                .create();
        try {
            String rendered = new Chart(FOLDER)
                    .render(List.of(FOLDER.resolve("values-demo.yaml")), Map.of("trainer.namespace", trainers));
            String releaseOfOtherName = rendered.replace("loupe-training-service", "other-training-service");
            for (HasMetadata resource : load(releaseOfOtherName)) {
                if (trainers.equals(resource.getMetadata().getNamespace())) {
                    if (resource instanceof RoleBinding binding) {
                        binding.getSubjects().forEach(subject -> subject.setNamespace(namespace));
                    }
                    client.resource(resource).create();
                }
            }

            assertEquals(true, may(trainers, "other-training-service", "batch", "jobs", "create"));
            assertEquals(true, may(trainers, "other-training-service", "", "secrets", "create"));
            assertEquals(false, may(trainers, "other-training-service", "", "secrets", "get"));
            assertEquals(false, may(namespace, "other-training-service", "batch", "jobs", "create"));
        } finally {
            client.namespaces().withName(trainers).delete();
        }
    }

    private static boolean may(String where, String account, String group, String resource, String verb) {
        String[] parts = resource.split("/");
        SubjectAccessReview answer = client.authorization()
                .v1()
                .subjectAccessReview()
                .create(new SubjectAccessReviewBuilder()
                        .withNewSpec()
                        .withUser("system:serviceaccount:" + namespace + ":"
                                + (account.startsWith("other-") ? account : "loupe-" + account))
                        .withNewResourceAttributes()
                        .withNamespace(where)
                        .withGroup(group)
                        .withResource(parts[0])
                        .withSubresource(parts.length > 1 ? parts[1] : null)
                        .withVerb(verb)
                        .endResourceAttributes()
                        .endSpec()
                        .build());
        return answer.getStatus().getAllowed();
    }

    private static List<HasMetadata> load(String documents) {
        return Chart.documents(documents).stream()
                .map(document -> client.resource(document).item())
                .toList();
    }

    private static HasMetadata here(HasMetadata resource) {
        resource.getMetadata().setNamespace(namespace);
        if (resource instanceof RoleBinding binding) {
            binding.getSubjects().forEach(subject -> subject.setNamespace(namespace));
        }
        return resource;
    }
}
