package dev.loupe.inference.serve;

import com.google.protobuf.MessageLite;
import io.grpc.Context;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.BiFunction;

/**
 * A bidirectional stream of predictions: one answer for each request, in the order of the requests. At most a fixed
 * number of requests is received and not answered; a client that sends faster, or does not read its answers, has to
 * wait. The memory of a request stays reserved until the client reads. An error of a request becomes its answer.
 * Thread-safe.
 *
 * @param <Q> requests
 * @param <A> answers
 */
final class PredictionStream<Q, A extends MessageLite> implements StreamObserver<Q> {
    private final ServerCallStreamObserver<A> call;
    private final BiFunction<Long, Q, A> work;
    private final Context context = Context.current();
    private final CallMemoryReservation memory = CallMemoryReservation.current();
    /** Answers that are computed, or wait for an earlier one. Guarded by this, as are the fields below. */
    private final Queue<Answer<A>> answers = new ArrayDeque<>();

    /** Answers that were sent, and may wait for the client to read them: their memory is still reserved. */
    private int unread;

    private long received;
    private boolean halfClosed;
    private boolean ended;

    /** The answer to a request, null until it is computed. Guarded by the stream. */
    private static final class Answer<A> {
        private A message;
        private Throwable failure;

        boolean isComputed() {
            return message != null || failure != null;
        }
    }

    private PredictionStream(ServerCallStreamObserver<A> call, BiFunction<Long, Q, A> work) {
        this.call = call;
        this.work = work;
    }

    /**
     * Begins to receive requests.
     *
     * @param maxInFlight most requests that are received and not answered
     * @param work makes the answer from the number of the request (0, 1, 2, …) and the request; if it throws, the
     *     stream ends with an internal error
     */
    static <Q, A extends MessageLite> StreamObserver<Q> open(
            StreamObserver<A> answers, int maxInFlight, BiFunction<Long, Q, A> work) {
        ServerCallStreamObserver<A> call = (ServerCallStreamObserver<A>) answers;
        PredictionStream<Q, A> stream = new PredictionStream<>(call, work);
        call.disableAutoRequest();
        call.setOnCancelHandler(stream::end); // without one, an answer to a cancelled call would throw
        call.setOnReadyHandler(stream::send);
        call.request(maxInFlight);
        return stream;
    }

    @Override
    public void onNext(Q request) {
        Answer<A> answer = new Answer<>();
        long number;
        synchronized (this) {
            number = received++;
            answers.add(answer);
        }
        Thread.ofVirtual().name("stream-" + number).start(context.wrap(() -> {
            A message = null;
            Throwable failure = null;
            try {
                message = work.apply(number, request);
            } catch (RuntimeException | Error e) {
                failure = e;
            }
            synchronized (this) {
                answer.message = message;
                answer.failure = failure;
            }
            send();
        }));
    }

    @Override
    public void onError(Throwable e) {
        end(); // the call is cancelled, and with it what its requests wait for
    }

    @Override
    public void onCompleted() {
        synchronized (this) {
            halfClosed = true;
        }
        send();
    }

    private synchronized void end() {
        ended = true;
    }

    /** Sends the answers that are computed, as long as the client reads them. */
    private synchronized void send() {
        while (!ended && call.isReady()) {
            releaseRead();
            if (answers.isEmpty() || !answers.peek().isComputed()) {
                break;
            }
            Answer<A> answer = answers.remove();
            if (answer.failure != null) {
                ended = true;
                call.onError(answer.failure);
                return;
            }
            call.onNext(answer.message);
            unread++;
        }
        if (!ended && halfClosed && answers.isEmpty()) {
            ended = true;
            call.onCompleted(); // the rest of the memory is released when the stream is closed
        }
    }

    /** Releases the memory of the answers that were sent, and receives as many requests: the client has read. */
    private void releaseRead() {
        for (; unread > 0; unread--) {
            memory.answered();
            call.request(1);
        }
    }
}
