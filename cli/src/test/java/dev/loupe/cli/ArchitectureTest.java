package dev.loupe.cli;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
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
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The arrows of docs/architecture.md, held against the compiled classes of every module. */
class ArchitectureTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

    /** Each room: its packages, and the rooms that it may use. */
    private static final Map<String, Set<String>> MAY_USE = Map.of(
            "contracts", Set.of(),
            "storage", Set.of(),
            "vision", Set.of(),
            "devstack", Set.of(),
            "service", Set.of("storage"),
            "dataset", Set.of("contracts", "storage", "vision", "service"),
            "training", Set.of("contracts", "storage", "vision", "service"),
            "trainer", Set.of("contracts", "storage", "vision"),
            "inference", Set.of("contracts", "storage", "vision", "service"),
            "cli", Set.of("contracts"));

    private static JavaClasses everything;

    @BeforeAll
    static void readTheClassesOfAllModules() {
        List<Path> folders = Stream.of(
                        "common/contracts",
                        "common/storage",
                        "common/vision",
                        "common/devstack",
                        "common/service",
                        "dataset-service",
                        "training-service/service",
                        "training-service/trainer",
                        "inference-service",
                        "cli")
                .map(module -> ROOT.resolve(module).resolve("target/classes"))
                .toList();
        folders.forEach(folder -> assertTrue(Files.isDirectory(folder), "not built: " + folder));
        everything = new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPaths(folders);
    }

    @Test
    void everyRoomUsesOnlyTheRoomsBelowIt() {
        MAY_USE.forEach((room, allowed) -> {
            for (String other : MAY_USE.keySet()) {
                if (!other.equals(room) && !allowed.contains(other)) {
                    noClasses()
                            .that()
                            .resideInAnyPackage(packagesOf(room))
                            .should()
                            .dependOnClassesThat()
                            .resideInAnyPackage(packagesOf(other))
                            .because(room + " may use " + new TreeSet<>(allowed))
                            .check(everything);
                }
            }
        });
    }

    @Test
    void everyRoomHasClassesSoThatARuleAboutItCanFail() {
        for (String room : MAY_USE.keySet()) {
            ArchRule anything = classes()
                    .that()
                    .resideInAnyPackage(packagesOf(room))
                    .should()
                    .bePublic();
            boolean empty = everything.stream().noneMatch(c -> residesIn(c.getPackageName(), room));
            assertTrue(!empty, "no classes in the room '" + room + "' for " + anything.getDescription());
        }
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
    void visionKnowsNoFrameworkNoBucketAndNoHttp() {
        noClasses()
                .that()
                .resideInAPackage("dev.loupe.vision..")
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
    void servicesNeverLoadPyTorch() throws IOException {
        noClasses()
                .that()
                .resideInAnyPackage("dev.loupe.dataset..", "dev.loupe.training..", "dev.loupe.inference..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("ai.djl..")
                .check(everything);
        for (String service : List.of("dataset-service", "training-service/service", "inference-service")) {
            Path libraries = ROOT.resolve(service).resolve("target/quarkus-app/lib");
            assertTrue(Files.isDirectory(libraries), "not built: " + libraries);
            try (Stream<Path> files = Files.walk(libraries)) {
                List<Path> native_ = files.filter(
                                file -> file.getFileName().toString().contains("pytorch"))
                        .toList();
                assertTrue(native_.isEmpty(), service + " ships " + native_);
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

    private static String[] packagesOf(String room) {
        return switch (room) {
            case "contracts" ->
                new String[] {
                    "dev.loupe.contracts..", "dev.loupe.oip..", "dev.loupe.inference.v1..", "dev.loupe.events.."
                };
            case "inference" ->
                new String[] {
                    "dev.loupe.inference",
                    "dev.loupe.inference.registry..",
                    "dev.loupe.inference.runtime..",
                    "dev.loupe.inference.serve.."
                };
            default -> new String[] {"dev.loupe." + room + ".."};
        };
    }

    private static boolean residesIn(String packageName, String room) {
        return Stream.of(packagesOf(room)).anyMatch(pattern -> packageName.startsWith(pattern.replace("..", "")));
    }
}
