package dev.loupe.tests.path;

import com.google.common.util.concurrent.FutureCallback;
import com.google.common.util.concurrent.Futures;
import com.google.common.util.concurrent.ListenableFuture;
import dev.loupe.oip.v2.GRPCInferenceServiceGrpc;
import dev.loupe.oip.v2.ModelInferRequest;
import dev.loupe.oip.v2.ModelInferResponse;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Status;
import java.io.IOException;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;

/** Sends one request again and again, from callers with a connection each, and measures the answers. Not thread-safe. */
final class InferenceLoad implements AutoCloseable {
    private static final Duration DEADLINE = Duration.ofSeconds(30);
    /** Requests at a rate that may be under way; further ones fail here. */
    private static final int MOST_UNDER_WAY = 1024;

    private final NetworkServer server;
    private final ModelInferRequest request;
    private final List<ManagedChannel> channels;

    /** @param callers the most callers of {@link #callers} */
    InferenceLoad(NetworkServer server, ModelInferRequest request, int callers) {
        this.server = server;
        this.request = request;
        channels = IntStream.range(0, callers)
                .mapToObj(_ -> ManagedChannelBuilder.forTarget(server.target())
                        .usePlaintext()
                        .build())
                .toList();
    }

    /** The values of the first output. */
    float[] answer() {
        ModelInferResponse response = infer(channels.getFirst());
        float[] values = new float[response.getRawOutputContents(0).size() / Float.BYTES];
        response.getRawOutputContents(0)
                .asReadOnlyByteBuffer()
                .order(ByteOrder.LITTLE_ENDIAN)
                .asFloatBuffer()
                .get(values);
        return values;
    }

    private ModelInferResponse infer(ManagedChannel channel) {
        return GRPCInferenceServiceGrpc.newBlockingStub(channel)
                .withDeadlineAfter(DEADLINE)
                .modelInfer(request);
    }

    /**
     * Each caller sends its next request when it has the answer to the last one.
     *
     * @throws ExecutionException if a request is refused
     */
    LoadResult callers(int callers, Duration length) throws IOException, InterruptedException, ExecutionException {
        double processor = -server.processorSeconds();
        long begin = System.nanoTime();
        List<Callable<List<Double>>> work = channels.subList(0, callers).stream()
                .<Callable<List<Double>>>map(channel -> () -> ask(channel, begin + length.toNanos()))
                .toList();
        List<Double> latencies = new ArrayList<>();
        int[] answers = new int[callers];
        try (ExecutorService threads =
                Executors.newThreadPerTaskExecutor(Thread.ofPlatform().factory())) {
            List<Future<List<Double>>> all = threads.invokeAll(work);
            for (int caller = 0; caller < callers; caller++) {
                latencies.addAll(all.get(caller).get());
                answers[caller] = all.get(caller).get().size();
            }
        }
        return result(begin, processor, latencies, answers, 0, 0);
    }

    private List<Double> ask(ManagedChannel channel, long end) {
        List<Double> latencies = new ArrayList<>();
        for (long sent = System.nanoTime(); sent < end; sent = System.nanoTime()) {
            infer(channel);
            latencies.add((System.nanoTime() - sent) / 1e6);
        }
        return latencies;
    }

    /**
     * Sends requests at random times, whether others are answered or not: a Poisson process. The latency of each counts from
     * its time, so a server that is late is late for all that follow.
     *
     * @param perSecond mean rate
     * @param seed the same seed gives the same times, in proportion to the rate
     */
    LoadResult rate(double perSecond, Duration length, long seed) throws IOException, InterruptedException {
        Random random = new Random(seed);
        Queue<Double> latencies = new ConcurrentLinkedQueue<>();
        AtomicInteger refused = new AtomicInteger();
        AtomicInteger failures = new AtomicInteger();
        Semaphore underWay = new Semaphore(MOST_UNDER_WAY);
        double processor = -server.processorSeconds();
        long begin = System.nanoTime();
        double at = 0;
        for (int number = 0; at < length.toNanos(); number++) {
            at += -Math.log(1 - random.nextDouble()) / perSecond * 1e9;
            long due = begin + (long) at;
            for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
                LockSupport.parkNanos(left);
            }
            if (!underWay.tryAcquire()) {
                failures.incrementAndGet();
                continue;
            }
            ListenableFuture<ModelInferResponse> answer = GRPCInferenceServiceGrpc.newFutureStub(
                            channels.get(number % channels.size()))
                    .withDeadlineAfter(DEADLINE)
                    .modelInfer(request);
            Futures.addCallback(answer, new Answered(due, latencies, refused, failures, underWay), Runnable::run);
        }
        underWay.acquire(MOST_UNDER_WAY);
        return result(begin, processor, latencies, new int[0], refused.get(), failures.get());
    }

    /** Takes the time of one answer. */
    private record Answered(
            long due, Queue<Double> latencies, AtomicInteger refused, AtomicInteger failures, Semaphore underWay)
            implements FutureCallback<ModelInferResponse> {
        @Override
        public void onSuccess(ModelInferResponse response) {
            latencies.add((System.nanoTime() - due) / 1e6);
            underWay.release();
        }

        @Override
        public void onFailure(Throwable failure) {
            boolean busy = Status.fromThrowable(failure).getCode() == Status.Code.RESOURCE_EXHAUSTED;
            (busy ? refused : failures).incrementAndGet();
            underWay.release();
        }
    }

    private LoadResult result(
            long begin,
            double processorBefore,
            Iterable<Double> latencies,
            int[] answersOfCallers,
            int refused,
            int failures)
            throws IOException {
        double seconds = (System.nanoTime() - begin) / 1e9;
        double processor = server.processorSeconds() + processorBefore;
        List<Double> all = new ArrayList<>();
        latencies.forEach(all::add);
        double[] sorted = all.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        return new LoadResult(sorted.length, seconds, processor, sorted, answersOfCallers, refused, failures);
    }

    @Override
    public void close() {
        channels.forEach(ManagedChannel::shutdownNow);
        channels.forEach(channel -> {
            try {
                channel.awaitTermination(1, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }
}
