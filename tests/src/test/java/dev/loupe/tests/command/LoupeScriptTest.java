package dev.loupe.tests.command;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests of the script {@code ./loupe}, run by a shell. */
class LoupeScriptTest {
    private static final Path SCRIPT = Path.of("..", "loupe").toAbsolutePath().normalize();

    @TempDir
    private Path folder;

    private record Ended(int status, String output) {}

    private static Ended run(Path script, Map<String, String> environment, String... arguments) throws Exception {
        ProcessBuilder builder = new ProcessBuilder("/bin/sh", script.toString());
        builder.command().addAll(java.util.List.of(arguments));
        builder.redirectErrorStream(true);
        builder.environment().putAll(environment);
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Ended(process.waitFor(), output);
    }

    private static void program(Path file, String script) throws Exception {
        Files.writeString(file, script);
        assertTrue(file.toFile().setExecutable(true));
    }

    private Path fakeJdk(String name, String version) throws Exception {
        Path home = Files.createDirectories(folder.resolve(name));
        program(Files.createDirectories(home.resolve("bin")).resolve("javac"), "#!/bin/sh\n");
        Files.writeString(home.resolve("release"), "JAVA_VERSION=\"" + version + "\"\n");
        return home;
    }

    @Test
    void aJdk25InJavaHomeIsTaken() throws Exception {
        Path home = fakeJdk("jdk", "25.0.3");

        Ended ended = run(SCRIPT, Map.of("JAVA_HOME", home.toString()), "jdk");

        assertEquals(new Ended(0, home + "\n"), ended);
    }

    @Test
    void anOlderJdkInJavaHomeIsPassedOver() throws Exception {
        Path old = fakeJdk("old", "21.0.1");

        Ended ended = run(SCRIPT, Map.of("JAVA_HOME", old.toString()), "jdk");

        assertEquals(0, ended.status(), ended.output());
        String release = Files.readString(Path.of(ended.output().strip(), "release"));
        assertTrue(release.contains("JAVA_VERSION=\"25"), release);
    }

    @Test
    void theScriptMayBeCalledFromAnywhereAndThroughAPathWithSpaces() throws Exception {
        Path copy = Files.createDirectories(folder.resolve("with a space")).resolve("loupe");
        Files.copy(SCRIPT, copy);
        Path home = fakeJdk("jdk of mine", "25");

        Ended ended = run(copy, Map.of("JAVA_HOME", home.toString()), "jdk");

        assertEquals(new Ended(0, home + "\n"), ended);
    }

    @Test
    void withoutMavenTheWayToGetItIsTold() throws Exception {
        Path copy = folder.resolve("loupe");
        Files.copy(SCRIPT, copy);

        Ended ended = run(copy, Map.of("LOUPE_MVN", "no-such-maven"), "projects");

        assertEquals(2, ended.status());
        assertTrue(ended.output().contains("Maven 3.8.7 or newer"), ended.output());
        assertTrue(ended.output().contains("apt install maven"), ended.output());
    }

    @Test
    void anOldMavenIsRefusedByItsVersion() throws Exception {
        Path copy = folder.resolve("loupe");
        Files.copy(SCRIPT, copy);
        Path maven = folder.resolve("old-maven");
        program(maven, "#!/bin/sh\necho 'Apache Maven 3.6.3 (abc)'\n");

        Ended ended = run(copy, Map.of("LOUPE_MVN", maven.toString()), "projects");

        assertEquals(2, ended.status());
        assertTrue(ended.output().contains("is 3.6.3"), ended.output());
    }

    @Test
    void aFailedBuildShowsMavensErrorsAndWhereTheRestIs() throws Exception {
        Path copy = folder.resolve("loupe");
        Files.copy(SCRIPT, copy);
        Path maven = folder.resolve("maven");
        program(maven, """
                #!/bin/sh
                [ "$1" = -v ] && echo 'Apache Maven 3.9.9' && exit
                echo '[ERROR] it does not compile'
                exit 1
                """);

        Ended ended = run(copy, Map.of("LOUPE_MVN", maven.toString()), "projects");

        assertEquals(1, ended.status());
        assertTrue(ended.output().contains("it does not compile"), ended.output());
        assertTrue(ended.output().contains("build.log"), ended.output());
    }

    @Test
    void secondCallWaitsForTheBuildOfTheFirst() throws Exception {
        Path copy = folder.resolve("loupe");
        Files.copy(SCRIPT, copy);
        Path home = fakeJdk("jdk", "25");
        program(home.resolve("bin").resolve("java"), "#!/bin/sh\necho the program ran\n");
        Path maven = folder.resolve("maven");
        Path builds = folder.resolve("builds");
        Path go = folder.resolve("go");
        program(maven, """
                #!/bin/sh
                [ "$1" = -v ] && echo 'Apache Maven 3.9.9' && exit
                echo build >>'%s'
                for i in $(seq 300); do [ -e '%s' ] && exit; sleep 0.1; done
                exit 1
                """.formatted(builds, go));
        Map<String, String> environment = Map.of("JAVA_HOME", home.toString(), "LOUPE_MVN", maven.toString());

        Path firstOutput = folder.resolve("first.txt");
        Path secondOutput = folder.resolve("second.txt");
        Process first = start(copy, environment, firstOutput);
        await().atMost(Duration.ofMinutes(2)).until(() -> Files.exists(builds));
        Process second = start(copy, environment, secondOutput);
        await().atMost(Duration.ofMinutes(2))
                .until(() -> Files.readString(secondOutput).contains("waiting for it"));
        Files.createFile(go);

        assertEquals(0, first.waitFor(), () -> text(firstOutput));
        assertEquals(0, second.waitFor(), () -> text(secondOutput));
        assertEquals("build\n", Files.readString(builds), "the second one found all built");
        assertTrue(text(secondOutput).endsWith("the program ran\n"), text(secondOutput));
        assertFalse(Files.exists(folder.resolve("target/build.lock"), LinkOption.NOFOLLOW_LINKS));
    }

    @Test
    void lockOfAKilledBuildIsTakenOver() throws Exception {
        Path copy = folder.resolve("loupe");
        Files.copy(SCRIPT, copy);
        Path maven = folder.resolve("maven");
        program(maven, "#!/bin/sh\n[ \"$1\" = -v ] && echo 'Apache Maven 3.9.9'\nexit 0\n");
        Path home = fakeJdk("jdk", "25");
        program(home.resolve("bin").resolve("java"), "#!/bin/sh\necho the program ran\n");
        Process killed = new ProcessBuilder("true").start();
        killed.waitFor();
        Files.createSymbolicLink(
                Files.createDirectories(folder.resolve("target")).resolve("build.lock"), Path.of("" + killed.pid()));

        Ended ended = run(copy, Map.of("JAVA_HOME", home.toString(), "LOUPE_MVN", maven.toString()), "projects");

        assertEquals(0, ended.status(), ended.output());
        assertTrue(ended.output().endsWith("the program ran\n"), ended.output());
    }

    private static Process start(Path script, Map<String, String> environment, Path output) throws IOException {
        ProcessBuilder builder = new ProcessBuilder("/bin/sh", script.toString(), "projects");
        builder.redirectErrorStream(true).redirectOutput(output.toFile());
        builder.environment().putAll(environment);
        return builder.start();
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void testsAreCountedFromTheReportsOfBothTiersAndTheSlowestAreNamed() throws Exception {
        Path copy = folder.resolve("loupe");
        Files.copy(SCRIPT, copy);
        Path old = Files.createDirectories(folder.resolve("cli/target/surefire-reports"));
        Path earlier = Files.writeString(
                old.resolve("TEST-Old.xml"),
                "<testsuite name=\"Old\" time=\"9\" tests=\"9\" errors=\"9\" skipped=\"0\" failures=\"9\">");
        Files.setLastModifiedTime(earlier, FileTime.from(Instant.now().minusSeconds(60)));
        Path maven = folder.resolve("maven");
        program(maven, """
                #!/bin/sh
                [ "$1" = -v ] && echo 'Apache Maven 3.9.9' && exit
                echo "Maven: $*"
                report() {
                    mkdir -p "$1/target/$2-reports"
                    printf '<?xml version="1.0"?>\n<testsuite xmlns:xsi="x" xsi:schema="y" name="%s" time="%s" tests="%s" errors="%s" skipped="%s" failures="%s">\n  <testcase name="t" time="1"/>\n' \
                        "$3" "$4" "$5" "$6" "$7" "$8" >"$1/target/$2-reports/TEST-$3.xml"
                }
                report common/storage surefire dev.loupe.AnyTest 1.5 4 0 1 0
                report common/storage failsafe dev.loupe.AnyIT 100.4 2 0 0 0
                report cli failsafe dev.loupe.OtherIT 30.2 7 1 0 2
                exit 1
                """);

        Map<String, String> environment = Map.of("LOUPE_MVN", maven.toString(), "LOUPE_TEST_SERVERS", "of another");
        Ended ended = run(copy, environment, "test", "-Pnightly");

        assertEquals(1, ended.status());
        assertEquals("Maven: -B verify -Pnightly -T 2\n", Files.readString(folder.resolve("target/test.log")));
        String[] summary = {
            "common/storage +102 +6 +1\n",
            "cli +30 +7 +0\n",
            "dev.loupe.AnyIT +100\n",
            "dev.loupe.OtherIT +30\n",
            "dev.loupe.AnyTest +2\n",
            "Tests run: 13, Failures: 2, Errors: 1, Skipped: 1\n"
        };
        assertTrue(ended.output().matches("(?s).*" + String.join(".*", summary)), ended.output());

        run(copy, environment, "test", "--fast", "-o");
        assertEquals("Maven: -B test -o -T 2\n", Files.readString(folder.resolve("target/test.log")));
    }

    @Test
    void theBenchmarksOfWhatIsBuiltAreMeasuredOneByOne() throws Exception {
        Path copy = folder.resolve("loupe");
        Files.copy(SCRIPT, copy);
        Path home = fakeJdk("jdk", "25");
        program(home.resolve("bin").resolve("java"), "#!/bin/sh\necho \"images: $*\"\n");
        Files.createFile(Files.createDirectories(folder.resolve("target")).resolve("built"));
        Files.writeString(
                Files.createDirectories(folder.resolve("common/model/bench/target"))
                        .resolve("classpath"),
                "x.jar");
        Path maven = folder.resolve("maven");
        program(maven, """
                #!/bin/sh
                [ "$1" = -v ] && echo 'Apache Maven 3.9.9' && exit
                echo "BENCH $*"
                """);

        Ended ended = run(copy, Map.of("JAVA_HOME", home.toString(), "LOUPE_MVN", maven.toString()), "bench", "decode");

        assertEquals(0, ended.status(), ended.output());
        assertTrue(
                ended.output()
                        .matches("(?s)images: .*org.openjdk.jmh.Main decode\n"
                                + ".*-Dtest=QueueBench\n.*-Dtest=StartBench\n"),
                ended.output());
        Ended access =
                run(copy, Map.of("JAVA_HOME", home.toString(), "LOUPE_MVN", maven.toString()), "bench", "access");

        assertEquals(0, access.status(), access.output());
        assertTrue(
                access.output()
                        .matches("(?s).*-Dtest=AccessCostMeasure\n.*-Dtest=AuditCostMeasure\n.*-Dtest=AccessBench\n"),
                access.output());
        program(Files.createDirectories(folder.resolve("tests/bench")).resolve("peers.sh"), "#!/bin/sh\necho peers\n");
        Ended serving = run(
                copy,
                Map.of("JAVA_HOME", home.toString(), "LOUPE_MVN", maven.toString()),
                "bench",
                "serving",
                "-Dloupe.bench.rounds=1");

        assertEquals(0, serving.status(), serving.output());
        assertTrue(
                serving.output()
                        .matches(
                                "(?s)peers\n.* -pl tests -Dtest=PeerServingBench,OverloadBench -Dloupe.bench.rounds=1\n"),
                serving.output());
    }
}
