package dev.loupe.inference.serve;

import io.grpc.Context;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * The memory that one call has reserved from the {@link MessageBudget}. It starts with the bytes that a client may send
 * before the server grants more (the flow-control window), doubles while the message arrives, becomes the message's
 * size when it has arrived, and is released when the call ends. gRPC reports each piece of a message before it accepts
 * the next one.
 *
 * <p>A stream of predictions holds memory for each request until that is answered, and the window for the next one.
 */
final class CallMemoryReservation extends ServerStreamTracer {
    private static final Context.Key<CallMemoryReservation> KEY = Context.key("loupe-reservation");
    /** Heap that a piece of a message takes in addition to its bytes: a client may send a message byte by byte. */
    private static final int PIECE = 256;
    /** Minimum that a call reserves. */
    private static final int CALL = 16 << 10;

    /** Why a call is rejected before its message has arrived. */
    enum Refusal {
        /** The memory is in use at the moment. */
        NO_MEMORY,
        TOO_LARGE,
        /** It arrives in pieces that take more memory than the largest message. */
        TOO_MANY_PIECES,
        TOO_SLOW
    }

    private final MessageBudget budget;
    private final long limit;
    private long reserved;
    private long bytes;
    private long taken;
    private boolean arrived;
    private boolean closed;
    private Refusal refusal;
    private Consumer<Refusal> onRefusal = _ -> {};
    /** The requests of a stream that are not answered, in order; null if the call is not a stream of predictions. */
    private List<Held> held;

    private long answered;
    /** {@link System#nanoTime()} of the first byte of the message that arrives. */
    private long began;

    private long streamWindow;

    /** Memory of one request of a stream. */
    private static final class Held {
        private long bytes;
        private boolean arrived;
    }

    /**
     * Reserves the initial memory of the call.
     *
     * @param limit size of the largest message in bytes
     * @param first bytes that may arrive before the call can be rejected
     */
    CallMemoryReservation(MessageBudget budget, long limit, long first) {
        this.budget = budget;
        this.limit = limit;
        if (budget.tryReserve(first)) {
            reserved = first;
        } else {
            refusal = Refusal.NO_MEMORY;
        }
    }

    /** The reservation of the call that the current thread serves. */
    static CallMemoryReservation current() {
        return KEY.get();
    }

    @Override
    public Context filterContext(Context context) {
        return context.withValue(KEY, this);
    }

    /**
     * Registers a listener for the rejection of the call.
     *
     * @return false if the call is already rejected; then the listener was called
     */
    synchronized boolean onRefusal(Consumer<Refusal> listener) {
        onRefusal = listener;
        if (refusal != null) {
            listener.accept(refusal);
        }
        return refusal == null;
    }

    /** Makes this the reservation of a stream of predictions, before its first request is received. */
    synchronized void beginStream(long window) {
        held = new ArrayList<>();
        if (refusal == null && !closed && reserved > window) {
            budget.release(reserved - window);
            reserved = window;
        }
        streamWindow = window;
    }

    @Override
    public void inboundWireSize(long size) {
        Refusal now = grown(size);
        if (now != null) {
            onRefusal.accept(now);
        }
    }

    private synchronized Refusal grown(long size) {
        if (refusal != null || closed) {
            return null;
        }
        if (bytes == 0) {
            began = System.nanoTime();
        }
        bytes += size;
        taken += size + PIECE;
        if (bytes > limit) {
            refusal = Refusal.TOO_LARGE;
        } else if (taken > 2 * limit) {
            refusal = Refusal.TOO_MANY_PIECES;
        } else {
            long arriving = reserved - held();
            if (taken > arriving && !grow(Math.max(taken - arriving, Math.min(arriving, limit - arriving)))) {
                refusal = Refusal.NO_MEMORY;
            }
        }
        return refusal;
    }

    /** Memory of the requests of a stream that are not answered. */
    private long held() {
        return held == null
                ? 0
                : held.stream().mapToLong(request -> request.bytes).sum();
    }

    /** gRPC has read a message to its end. Until a thread takes the call, it holds no more than the message's bytes. */
    @Override
    public void inboundMessageRead(int sequence, long wireSize, long uncompressedSize) {
        Refusal now = null;
        synchronized (this) {
            if (refusal != null || closed) {
                return;
            }
            boolean compressed = uncompressedSize < 0; // it may become larger
            if (held != null) {
                now = readOfStream(compressed ? Math.max(taken, limit) : taken);
            } else if (!compressed) {
                arrived = true;
                shrink(taken);
            }
        }
        if (now != null) {
            onRefusal.accept(now);
        }
    }

    private Refusal readOfStream(long size) {
        Held request = new Held();
        request.bytes = size;
        held.add(request);
        bytes = 0; // of the next request
        taken = 0;
        if (!adjust()) {
            refusal = Refusal.NO_MEMORY;
        }
        return refusal;
    }

    /** Reserves exactly what the requests of the stream hold and what arrives; false if the memory is in use. */
    private boolean adjust() {
        if (closed) {
            return true;
        }
        long needed = Math.max(streamWindow, taken) + held();
        if (needed > reserved && !budget.tryReserve(needed - reserved)) {
            return false;
        }
        if (needed < reserved) {
            budget.release(reserved - needed);
        }
        reserved = needed;
        return true;
    }

    private void shrink(long size) {
        long holds = Math.max(size, CALL);
        if (!closed && holds < reserved) {
            budget.release(reserved - holds);
            reserved = holds;
        }
    }

    /**
     * Records that the message has been taken by the thread of its call.
     *
     * @param size size of the message in memory, in bytes
     * @return false if the call was rejected before
     */
    synchronized boolean arrived(long size) {
        if (refusal != null) {
            return false;
        }
        arrived = true;
        if (held != null) {
            held.stream().filter(request -> !request.arrived).findFirst().ifPresent(request -> {
                request.arrived = true;
                request.bytes = size;
            });
            adjust(); // it shrinks: it held at least the size of a message in memory
            return true;
        }
        bytes = 0; // restart for the next message of a stream
        taken = 0;
        shrink(size);
        return true;
    }

    /** The time limit for the message has passed. Does nothing if the message has arrived. */
    void expire() {
        synchronized (this) {
            if (arrived || closed || refusal != null) {
                return;
            }
            refusal = Refusal.TOO_SLOW;
        }
        onRefusal.accept(Refusal.TOO_SLOW);
    }

    /**
     * Refuses a stream if a request of it has been arriving for too long. A stream without a request is not refused.
     *
     * @param nanos longest time from the first byte of a request to its last
     */
    void expireArriving(long nanos) {
        synchronized (this) {
            if (bytes == 0 || closed || refusal != null || System.nanoTime() - began <= nanos) {
                return;
            }
            refusal = Refusal.TOO_SLOW;
        }
        onRefusal.accept(Refusal.TOO_SLOW);
    }

    /**
     * Reserves more memory until the call ends.
     *
     * @return false if the memory is in use at the moment
     */
    synchronized boolean reserve(long more) {
        if (closed) {
            return true; // no answer will be sent
        }
        if (held != null) {
            long parsed = held.stream().filter(request -> request.arrived).count();
            return reserve(answered + parsed - 1, more); // for the request that is parsed at the moment
        }
        return grow(more);
    }

    private boolean grow(long more) {
        if (!budget.tryReserve(more)) {
            return false;
        }
        reserved += more;
        return true;
    }

    /**
     * As {@link #reserve(long)}, until a request of the stream is answered.
     *
     * @param number number of the request in the stream: 0, 1, 2, …
     */
    synchronized boolean reserve(long number, long more) {
        int index = Math.toIntExact(number - answered);
        if (index < 0 || index >= held.size()) {
            return true; // the call has ended
        }
        held.get(index).bytes += more;
        if (!adjust()) {
            held.get(index).bytes -= more;
            return false;
        }
        return true;
    }

    /** The oldest request of the stream is answered: its memory is released. */
    synchronized void answered() {
        held.removeFirst();
        answered++;
        adjust();
    }

    @Override
    public synchronized void streamClosed(Status status) {
        closed = true;
        budget.release(reserved);
        reserved = 0;
    }
}
