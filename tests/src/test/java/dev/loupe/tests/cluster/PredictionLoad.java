package dev.loupe.tests.cluster;

import com.google.protobuf.ByteString;
import dev.loupe.inference.v1.ClassifyRequest;
import dev.loupe.inference.v1.ClassifyResponse;
import dev.loupe.inference.v1.InferenceServiceGrpc;
import dev.loupe.inference.v1.ModelSelector;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;

/**
 * Requests predictions at a constant rate, as a standard client does: a few open channels, a deadline, no retries
 * except those of gRPC. Half of the calls name the alias of version 2; the others name no version and get
 * {@code production}, which is version 1. Begins when each channel has had an answer.
 *
 * <p>Arguments: target, model, file of an image, calls per second, maximum seconds. Ends when the file {@code /tmp/stop}
 * exists, and prints the result in its last line: {@code calls=… ok=… failed=… wrong=… slowest=…ms}.
 */
final class PredictionLoad {
    private static final Path STOP = Path.of("/tmp/stop");
    private static final int CHANNELS = 4;
    private static final int TOLD = 20;
    private static final Duration CONNECT = Duration.ofMinutes(1);
    private static final int MAX_CONCURRENT = 2_000;

    private final List<ManagedChannel> channels;
    private final String model;
    private final ByteString image;
    private final AtomicInteger calls = new AtomicInteger();
    private final AtomicInteger good = new AtomicInteger();
    private final AtomicInteger failed = new AtomicInteger();
    private final AtomicInteger wrong = new AtomicInteger();
    private final AtomicLong slowestNanos = new AtomicLong();
    /** Calls in progress; bounds the wait for a client that hangs. */
    private final Semaphore underWay = new Semaphore(MAX_CONCURRENT);

    private PredictionLoad(String target, String model, ByteString image) {
        this.model = model;
        this.image = image;
        this.channels = IntStream.range(0, CHANNELS)
                .mapToObj(_ ->
                        ManagedChannelBuilder.forTarget(target).usePlaintext().build())
                .toList();
    }

    public static void main(String[] arguments) throws Exception {
        PredictionLoad load = new PredictionLoad(
                arguments[0], arguments[1], ByteString.copyFrom(Files.readAllBytes(Path.of(arguments[2]))));
        load.run(Integer.parseInt(arguments[3]), Integer.parseInt(arguments[4]));
    }

    private void run(int rate, int seconds) throws Exception {
        for (ManagedChannel channel : channels) {
            awaitAnswer(channel);
        }
        long begin = System.nanoTime();
        for (int number = 1; number <= rate * seconds && !Files.exists(STOP); number++) {
            call(number);
            if (number % rate == 0) {
                System.out.println(summary());
            }
            TimeUnit.NANOSECONDS.sleep(begin + number * 1_000_000_000L / rate - System.nanoTime());
        }
        underWay.acquire(MAX_CONCURRENT);
        channels.forEach(ManagedChannel::shutdownNow);
        System.out.println("end " + summary());
    }

    /** A new pod's first connections are refused until the node has applied the network policies to its address. */
    private void awaitAnswer(ManagedChannel channel) {
        ClassifyRequest request = ClassifyRequest.newBuilder()
                .setSelector(ModelSelector.newBuilder().setModel(model))
                .setImage(image)
                .build();
        InferenceServiceGrpc.newBlockingStub(channel)
                .withWaitForReady()
                .withDeadlineAfter(CONNECT)
                .classify(request);
    }

    private String summary() {
        return "calls=" + calls + " ok=" + good + " failed=" + failed + " wrong=" + wrong + " slowest="
                + TimeUnit.NANOSECONDS.toMillis(slowestNanos.get()) + "ms";
    }

    private void call(int number) {
        calls.incrementAndGet();
        int expected = 1 + number % 2;
        ModelSelector selector = ModelSelector.newBuilder()
                .setModel(model)
                .setVersion(expected == 1 ? "" : InstalledLoupe.SECOND)
                .build();
        if (!underWay.tryAcquire()) {
            failed.incrementAndGet();
            return;
        }
        long begin = System.nanoTime();
        InferenceServiceGrpc.newStub(channels.get(number % CHANNELS))
                .withDeadlineAfter(30, TimeUnit.SECONDS)
                .classify(
                        ClassifyRequest.newBuilder()
                                .setSelector(selector)
                                .setImage(image)
                                .build(),
                        new StreamObserver<>() {
                            @Override
                            public void onNext(ClassifyResponse answer) {
                                good.incrementAndGet();
                                if (answer.getProvenance().getVersion() != expected) {
                                    wrong.incrementAndGet();
                                }
                            }

                            @Override
                            public void onError(Throwable failure) {
                                if (failed.incrementAndGet() <= TOLD) {
                                    System.out.println("call " + number + ": " + Status.fromThrowable(failure));
                                }
                                underWay.release();
                            }

                            @Override
                            public void onCompleted() {
                                slowestNanos.accumulateAndGet(System.nanoTime() - begin, Math::max);
                                underWay.release();
                            }
                        });
    }
}
