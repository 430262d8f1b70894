package dev.loupe.inference.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.Empty;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class PredictionStreamTest {
    private static final int WINDOW = 64 << 10;
    private static final int MESSAGE = 16 << 10;

    /** A call whose client reads when the test says. */
    private static final class Call extends ServerCallStreamObserver<Empty> {
        private final BlockingQueue<Empty> sent = new LinkedBlockingQueue<>();
        private volatile boolean ready = true;
        private volatile int requested;
        private Runnable onReady;

        @Override
        public void onNext(Empty answer) {
            ready = false; // the answer fills the buffer
            sent.add(answer);
        }

        @Override
        public boolean isReady() {
            return ready;
        }

        @Override
        public void request(int count) {
            requested += count;
        }

        @Override
        public void setOnReadyHandler(Runnable handler) {
            onReady = handler;
        }

        @Override
        public void disableAutoRequest() {}

        @Override
        public void setOnCancelHandler(Runnable handler) {}

        @Override
        public boolean isCancelled() {
            return false;
        }

        @Override
        public void setCompression(String compression) {}

        @Override
        public void setMessageCompression(boolean enable) {}

        @Override
        @Deprecated
        public void disableAutoInboundFlowControl() {}

        @Override
        public void onError(Throwable e) {}

        @Override
        public void onCompleted() {}
    }

    @Test
    void memoryOfAnAnswerIsReservedUntilTheClientReads() throws Exception {
        MessageBudget budget = new MessageBudget(1 << 20);
        CallMemoryReservation reservation = new CallMemoryReservation(budget, 1 << 19, WINDOW);
        reservation.beginStream(WINDOW);
        reservation.inboundWireSize(MESSAGE);
        reservation.inboundMessageRead(0, MESSAGE, MESSAGE);
        reservation.arrived(MESSAGE);
        Call call = new Call();
        StreamObserver<Empty> requests = reservation
                .filterContext(Context.current())
                .call(() -> PredictionStream.<Empty, Empty>open(call, 4, (_, request) -> request));
        requests.onNext(Empty.getDefaultInstance());
        call.sent.poll(10, TimeUnit.SECONDS);

        assertEquals(WINDOW + MESSAGE, budget.reserved());
        assertEquals(4, call.requested);
        call.ready = true;
        call.onReady.run();
        assertEquals(5, call.requested);
        assertEquals(WINDOW, budget.reserved());
        reservation.streamClosed(Status.OK);
        assertEquals(0, budget.reserved());
    }
}
