package dev.loupe.local.demo;

import java.io.PrintStream;

/** Says what a demonstration does, step by step. */
public final class Narrator {
    private final PrintStream stream;
    private int steps;

    Narrator(PrintStream stream) {
        this.stream = stream;
    }

    public void step(String title) {
        steps++;
        stream.println();
        stream.println(steps + ". " + title);
    }

    /** Something about the present step; it may have several lines. */
    public void tell(String text) {
        text.lines().forEach(line -> stream.println("   " + line));
    }

    public void say(String text) {
        stream.println(text);
    }

    PrintStream stream() {
        return stream;
    }
}
