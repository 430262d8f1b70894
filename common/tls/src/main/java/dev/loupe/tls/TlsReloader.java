package dev.loupe.tls;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Reads files again at an interval, by one daemon thread, until it is closed. */
public final class TlsReloader implements AutoCloseable {
    private final List<TlsMaterial> watched = new CopyOnWriteArrayList<>();
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("tls-reloader").daemon().factory());

    /** Is told what each look found. */
    public interface Listener {
        /** The files have changed, and are in use. */
        void reloaded(TlsMaterial material);

        /** The files have not changed. */
        void unchanged(TlsMaterial material);

        /** The files can't be used: what was read before stays in use. Is told at each look. */
        void failed(TlsMaterial material, TlsFileException reason);
    }

    /** @param interval time between two looks, at least a millisecond */
    public TlsReloader(Duration interval, Listener listener) {
        thread.scheduleWithFixedDelay(
                () -> watched.forEach(material -> look(material, listener)),
                interval.toMillis(),
                interval.toMillis(),
                TimeUnit.MILLISECONDS);
    }

    /** Looks at these files from now on. */
    public void watch(TlsMaterial material) {
        watched.add(material);
    }

    private static void look(TlsMaterial material, Listener listener) {
        try {
            if (material.reload()) {
                listener.reloaded(material);
            } else {
                listener.unchanged(material);
            }
        } catch (TlsFileException unusable) {
            listener.failed(material, unusable);
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
