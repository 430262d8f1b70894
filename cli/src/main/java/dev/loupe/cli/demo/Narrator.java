package dev.loupe.cli.demo;

import java.io.PrintStream;

/** Tells what a demonstration does, step by step. */
final class Narrator {
    private final PrintStream stream;
    private int steps;

    Narrator(PrintStream stream) {
        this.stream = stream;
    }

    void step(String title) {
        steps++;
        stream.println();
        stream.println(steps + ". " + title);
    }

    /** Something about the present step; it may have several lines. */
    void tell(String text) {
        text.lines().forEach(line -> stream.println("   " + line));
    }

    void say(String text) {
        stream.println(text);
    }

    PrintStream stream() {
        return stream;
    }
}
