package dev.loupe.cli.local;

import java.time.Duration;

/** Hears what a {@link LocalStack} does. It is called from several threads. */
public interface StackListener {

    /** Something was cleaned up, or is about to happen. */
    void note(String sentence);

    /** A server answers. */
    void ready(Server server, Duration took);

    /** A server logged an error, ended by itself, or can't be started. */
    void problem(Server server, String sentence);

    /** Hears nothing. */
    StackListener SILENT = new StackListener() {
        @Override
        public void note(String sentence) {}

        @Override
        public void ready(Server server, Duration took) {}

        @Override
        public void problem(Server server, String sentence) {}
    };
}
