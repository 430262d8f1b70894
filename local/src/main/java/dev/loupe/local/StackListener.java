package dev.loupe.local;

import java.time.Duration;

/** Receives the events of a {@link LocalStack}. It is called from several threads. */
public interface StackListener {

    /** Something was cleaned up, or is about to happen. */
    void note(String sentence);

    /** A server answers. */
    void ready(Server server, Duration took);

    /** A server logged an error, ended by itself, or can't be started. */
    void problem(Server server, String sentence);

    /** Ignores all events. */
    StackListener SILENT = new StackListener() {
        @Override
        public void note(String sentence) {}

        @Override
        public void ready(Server server, Duration took) {}

        @Override
        public void problem(Server server, String sentence) {}
    };
}
