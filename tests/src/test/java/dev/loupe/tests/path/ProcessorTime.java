package dev.loupe.tests.path;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Processor time of processes, as Linux counts it in {@code /proc}: user and system. */
final class ProcessorTime {
    /** Of a second. */
    private static final double CLOCK_TICKS = 100;

    private static final int USER = 11;
    private static final int SYSTEM = 12;

    private ProcessorTime() {}

    /** Seconds of a process since its start. */
    static double seconds(long pid) throws IOException {
        // The second field is the program's name in parentheses, and may contain spaces.
        String[] statistics = Files.readString(Path.of("/proc/" + pid + "/stat"))
                .replaceAll("(?s).*\\) ", "")
                .split(" ");
        return (Double.parseDouble(statistics[USER]) + Double.parseDouble(statistics[SYSTEM])) / CLOCK_TICKS;
    }

    /** Seconds of a process and of its descendants that exist. */
    static double secondsOfTree(ProcessHandle process) throws IOException {
        List<Long> pids = Stream.concat(Stream.of(process), process.descendants())
                .map(ProcessHandle::pid)
                .toList();
        double seconds = 0;
        for (long pid : pids) {
            try {
                seconds += seconds(pid);
            } catch (NoSuchFileException ended) {
                // Between the list and the look: a program that the server has started for a moment.
            }
        }
        return seconds;
    }
}
