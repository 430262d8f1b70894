package dev.loupe.inference.runtime;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Locale;
import java.util.Optional;

/** Runs loads with less priority than predictions: a load takes a second of a core, which predictions have to answer in. */
@SuppressWarnings("restricted") // calls a function of the C library
final class LoaderThread {
    /** As {@code nice}: it gets a tenth of a core that others want, and all of an idle one. */
    private static final int NICE = 10;

    private LoaderThread() {}

    /** Lowers the priority of the calling thread; no effect on other systems than Linux. */
    static void lowerPriority() {
        if (!System.getProperty("os.name").toLowerCase(Locale.ROOT).contains("linux")) {
            return; // elsewhere it would be that of the process
        }
        Linker linker = Linker.nativeLinker();
        Optional<MemorySegment> function = linker.defaultLookup().find("setpriority");
        if (function.isEmpty()) {
            return;
        }
        try {
            // PRIO_PROCESS with 0: the calling thread
            int _ = (int) linker.downcallHandle(
                            function.get(),
                            FunctionDescriptor.of(
                                    ValueLayout.JAVA_INT,
                                    ValueLayout.JAVA_INT,
                                    ValueLayout.JAVA_INT,
                                    ValueLayout.JAVA_INT))
                    .invokeExact(0, 0, NICE);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e); // functions of C throw nothing
        }
    }
}
