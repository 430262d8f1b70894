package dev.loupe.inference.serve;

import io.grpc.Context;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import java.util.function.Consumer;

/**
 * What one call holds of the {@link MessageBudget}. It begins with what a client may send before it is told to go on (the
 * flow-control window), doubles while the message arrives, becomes the message's size when it has arrived, and ends with
 * the call. gRPC tells it of each piece of a message before the next piece is accepted.
 */
final class Reception extends ServerStreamTracer {
    private static final Context.Key<Reception> KEY = Context.key("loupe-reception");
    /** Heap that a piece of a message takes beside its bytes: a client may send a message byte by byte. */
    private static final int PIECE = 256;
    /** Least that a call holds. */
    private static final int CALL = 16 << 10;

    /** Why a call ends before its message has arrived. */
    enum Refusal {
        /** The memory is taken at the moment. */
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

    /**
     * Reserves what the call begins with.
     *
     * @param limit largest message
     * @param first bytes that come before anything can be refused
     */
    Reception(MessageBudget budget, long limit, long first) {
        this.budget = budget;
        this.limit = limit;
        if (budget.tryReserve(first)) {
            reserved = first;
        } else {
            refusal = Refusal.NO_MEMORY;
        }
    }

    /** Of the call that the calling thread works for. */
    static Reception current() {
        return KEY.get();
    }

    @Override
    public Context filterContext(Context context) {
        return context.withValue(KEY, this);
    }

    /**
     * Has this told of the refusal once there is one.
     *
     * @return false if the call is refused already; then the listener was told
     */
    synchronized boolean onRefusal(Consumer<Refusal> listener) {
        onRefusal = listener;
        if (refusal != null) {
            listener.accept(refusal);
        }
        return refusal == null;
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
        bytes += size;
        taken += size + PIECE;
        if (bytes > limit) {
            refusal = Refusal.TOO_LARGE;
        } else if (taken > 2 * limit) {
            refusal = Refusal.TOO_MANY_PIECES;
        } else if (taken > reserved && !reserve(Math.max(taken - reserved, Math.min(reserved, limit - reserved)))) {
            refusal = Refusal.NO_MEMORY;
        }
        return refusal;
    }

    /**
     * The message has arrived.
     *
     * @param size of it in memory
     * @return false if the call was refused before
     */
    synchronized boolean arrived(long size) {
        if (refusal != null) {
            return false;
        }
        arrived = true;
        bytes = 0; // of the next message, where a call has several
        taken = 0;
        long holds = Math.max(size, CALL);
        if (!closed && holds < reserved) {
            budget.release(reserved - holds);
            reserved = holds;
        }
        return true;
    }

    /** The time for the message is over; nothing happens if it has arrived. */
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
     * Reserves more until the call ends.
     *
     * @return false if the memory is taken at the moment
     */
    synchronized boolean reserve(long more) {
        if (closed) {
            return true; // there is no answer to be sent
        }
        if (!budget.tryReserve(more)) {
            return false;
        }
        reserved += more;
        return true;
    }

    @Override
    public synchronized void streamClosed(Status status) {
        closed = true;
        budget.release(reserved);
        reserved = 0;
    }
}
