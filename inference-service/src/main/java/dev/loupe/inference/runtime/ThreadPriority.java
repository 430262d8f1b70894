package dev.loupe.inference.runtime;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Locale;
import java.util.Optional;

/** Runs some threads with less priority than those of predictions, which callers wait for. */
@SuppressWarnings("restricted") // calls a function of the C library
public final class ThreadPriority {
    /** Of a load, as {@code nice}: it gets a tenth of a core that others want, and all of an idle one. */
    static final int LOAD = 10;
    /** Of a shadow, as {@code nice}: it gets nearly nothing of a core that others want. */
    public static final int SHADOW = 19;

    private ThreadPriority() {}

    /**
     * Lowers the priority of the calling thread; no effect on other systems than Linux.
     *
     * @param nice 1 to 19, the least priority
     */
    public static void lower(int nice) {
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
                    .invokeExact(0, 0, nice);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e); // functions of C throw nothing
        }
    }
}
