package dev.loupe.tests.path;

import java.io.IOException;

/**
 * A server that predicts with the network of a benchmark, by the Open Inference Protocol over gRPC.
 *
 * @param name of the server, for people
 * @param target {@code host:port}
 * @param model name of the network there
 * @param process the server; what its child processes compute is part of it
 */
record NetworkServer(String name, String target, String model, ProcessHandle process) {
    /** Seconds of processor time since its start. */
    double processorSeconds() throws IOException {
        return ProcessorTime.secondsOfTree(process);
    }
}
