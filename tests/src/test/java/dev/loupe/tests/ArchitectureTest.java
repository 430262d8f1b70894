package dev.loupe.tests;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.NodeList;

/** The dependencies of docs/architecture.md, checked against the compiled classes of every module. */
class ArchitectureTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

    /** The modules that each module may use. */
    private static final Map<String, Set<String>> MAY_USE = Map.ofEntries(
            Map.entry("contracts", Set.of()),
            Map.entry("storage", Set.of()),
            Map.entry("imaging", Set.of()),
            Map.entry("model", Set.of("contracts", "imaging")),
            Map.entry("vision", Set.of("contracts", "imaging", "model")),
            Map.entry("devstack", Set.of()),
            Map.entry("tls", Set.of()),
            Map.entry("service", Set.of("storage", "tls")),
            Map.entry("testing", Set.of("contracts", "storage", "devstack")),
            Map.entry("dataset", Set.of("contracts", "storage", "imaging", "service")),
            Map.entry("training", Set.of("contracts", "storage", "imaging", "model", "service")),
            Map.entry("trainer", Set.of("contracts", "storage", "imaging", "model", "tls", "vision")),
            Map.entry("inference", Set.of("contracts", "storage", "imaging", "model", "service", "tls")),
            Map.entry("console", Set.of("tls")),
            Map.entry("client", Set.of("contracts", "tls")),
            Map.entry("cli", Set.of("contracts", "client", "model", "tls")),
            Map.entry("local", Set.of("contracts", "client", "cli")),
            Map.entry("images", Set.of("cli", "local")));

    private static JavaClasses everything;

    @BeforeAll
    static void readTheClassesOfAllModules() {
        List<Path> folders = Stream.of(
                        "common/contracts",
                        "common/storage",
                        "common/tls",
                        "common/imaging",
                        "common/model",
                        "common/vision",
                        "common/devstack",
                        "common/service",
                        "common/client",
                        "common/testing",
                        "dataset-service",
                        "training-service/service",
                        "training-service/trainer",
                        "inference-service",
                        "console/gateway",
                        "cli",
                        "local",
                        "images")
                .map(module -> ROOT.resolve(module).resolve("target/classes"))
                .toList();
        folders.forEach(folder -> assertTrue(Files.isDirectory(folder), "not built: " + folder));
        everything = new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPaths(folders);
    }

    @Test
    void everyModuleUsesOnlyWhatItMay() {
        MAY_USE.forEach((module, allowed) -> {
            for (String other : MAY_USE.keySet()) {
                if (!other.equals(module) && !allowed.contains(other)) {
                    noClasses()
                            .that()
                            .resideInAnyPackage(packagesOf(module))
                            .should()
                            .dependOnClassesThat()
                            .resideInAnyPackage(packagesOf(other))
                            .because(module + " may use " + new TreeSet<>(allowed))
                            .check(everything);
                }
            }
        });
    }

    @Test
    void everyModuleHasClassesSoThatItsRuleCanFail() {
        for (String module : MAY_USE.keySet()) {
            ArchRule anything = classes()
                    .that()
                    .resideInAnyPackage(packagesOf(module))
                    .should()
                    .bePublic();
            boolean empty = everything.stream().noneMatch(c -> residesIn(c.getPackageName(), module));
            assertTrue(!empty, "no classes in the module '" + module + "' for " + anything.getDescription());
        }
    }

    @Test
    void packagesOfAModuleHaveNoCycles() {
        slices().matching("dev.loupe.(**)").should().beFreeOfCycles().check(everything);
    }

    @Test
    void onlyStorageKnowsTheMinioSdk() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.loupe.storage..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.minio..", "okhttp3..")
                .check(everything);
    }

    @Test
    void imagingModelAndVisionKnowNoFrameworkNoBucketsAndNoHttp() {
        noClasses()
                .that()
                .resideInAnyPackage("dev.loupe.imaging..", "dev.loupe.model..", "dev.loupe.vision..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.quarkus..",
                        "jakarta..",
                        "org.eclipse.microprofile..",
                        "io.minio..",
                        "java.net.http..",
                        "io.vertx..")
                .check(everything);
    }

    @Test
    void servicesHaveNeitherDjlNorPyTorch() throws IOException {
        noClasses()
                .that()
                .resideInAnyPackage("dev.loupe.dataset..", "dev.loupe.training..", "dev.loupe.inference..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("ai.djl..")
                .check(everything);
        for (String service : List.of("dataset-service", "training-service/service", "inference-service")) {
            assertShipsNo("pytorch|djl", service);
        }
        assertShipsNo("onnxruntime", "dataset-service");
    }

    private static void assertShipsNo(String names, String service) throws IOException {
        Path libraries = ROOT.resolve(service).resolve("target/quarkus-app/lib");
        assertTrue(Files.isDirectory(libraries), "not built: " + libraries);
        try (Stream<Path> files = Files.walk(libraries)) {
            List<Path> found = files.filter(
                            file -> file.getFileName().toString().matches(".*(" + names + ").*"))
                    .toList();
            assertEquals(List.of(), found, service);
        }
    }

    @Test
    void noPomExcludesModulesOrPackagesOfLoupe() throws Exception {
        List<Path> poms;
        try (Stream<Path> files = Files.find(ROOT, 3, (file, _) -> file.endsWith("pom.xml"))) {
            poms = files.filter(file -> !file.toString().contains("/target/")
                            && !file.toString().contains("/node_modules/"))
                    .toList();
        }
        assertTrue(poms.size() >= 15, poms.toString());
        for (Path pom : poms) {
            Document document =
                    DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(pom.toFile());
            for (String element : List.of("exclusion", "exclude")) {
                NodeList found = document.getElementsByTagName(element);
                for (int i = 0; i < found.getLength(); i++) {
                    String text = found.item(i).getTextContent();
                    assertFalse(text.matches("(?s).*(dev[./]loupe|loupe-).*"), pom + " excludes " + text.strip());
                }
            }
        }
    }

    @Test
    void classNamesDoNotHideAMissingIdea() {
        noClasses()
                .that()
                .resideOutsideOfPackages("dev.loupe.oip..", "dev.loupe.inference.v1..", "dev.loupe.events..")
                .should()
                .haveNameMatching(".*(Helper|Util|Utils|Manager|Impl)")
                .check(everything);
    }

    private static String[] packagesOf(String module) {
        return switch (module) {
            case "contracts" ->
                new String[] {
                    "dev.loupe.contracts..", "dev.loupe.oip..", "dev.loupe.inference.v1..", "dev.loupe.events.."
                };
            case "inference" ->
                new String[] {
                    "dev.loupe.inference",
                    "dev.loupe.inference.drift..",
                    "dev.loupe.inference.prediction..",
                    "dev.loupe.inference.registry..",
                    "dev.loupe.inference.runtime..",
                    "dev.loupe.inference.serve..",
                    "dev.loupe.inference.threshold..",
                    "dev.loupe.inference.webhook.."
                };
            case "cli" ->
                new String[] {
                    "dev.loupe.cli",
                    "dev.loupe.cli.command..",
                    "dev.loupe.cli.login..",
                    "dev.loupe.cli.pretrained..",
                    "dev.loupe.cli.server.."
                };
            default -> new String[] {"dev.loupe." + module + ".."};
        };
    }

    private static boolean residesIn(String packageName, String module) {
        return Stream.of(packagesOf(module)).anyMatch(pattern -> packageName.startsWith(pattern.replace("..", "")));
    }
}
