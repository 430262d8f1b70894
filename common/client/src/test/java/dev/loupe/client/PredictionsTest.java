package dev.loupe.client;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PredictionsTest {

    /** A handshake of TLS begins with 22; HTTP/2 in plain text with the P of PRI. */
    @ParameterizedTest
    @CsvSource({"'', 80", "https://, 22"})
    void theAddressSaysWhetherTheServerSpeaksTls(String scheme, int firstByte) throws Exception {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"));
                Predictions predictions = new Predictions(scheme + "127.0.0.1:" + server.getLocalPort())) {
            Thread.ofVirtual().start(predictions::isReady);
            try (Socket caller = server.accept()) {
                assertEquals(firstByte, caller.getInputStream().read());
            }
        }
    }
}
