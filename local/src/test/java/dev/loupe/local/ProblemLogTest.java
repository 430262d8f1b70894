package dev.loupe.local;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProblemLogTest {

    @Test
    void errorsAreToldOnceAndOnlyWhenTheirLineIsWhole(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("x.log"), "10:00 INFO  all is well\n10:01 ERROR [a] bad th");
        List<String> told = new ArrayList<>();
        ProblemLog log = new ProblemLog(file, told::add);

        log.readOn();
        assertEquals(List.of(), told);

        Files.writeString(file, "ing\n10:02 WARN  hm\n", StandardOpenOption.APPEND);
        log.readOn();
        log.readOn();
        assertEquals(List.of("10:01 ERROR [a] bad thing"), told);
    }
}
