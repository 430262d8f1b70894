package dev.loupe.tests.path;

import dev.loupe.cli.server.Connection;
import dev.loupe.local.LocalStack;
import dev.loupe.local.LocalStackOptions;
import dev.loupe.local.Ports;
import dev.loupe.local.StackListener;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Starts Loupe once for all tests of this package: processes of this machine on free ports, Kafka in its own process. */
final class RunningStack implements BeforeAllCallback, AutoCloseable {
    static final Path DATA = Path.of("target/path-stack").toAbsolutePath();

    private static LocalStack stack;
    private static Connection connection;

    @Override
    public void beforeAll(ExtensionContext context) {
        if (stack == null) {
            stack = LocalStack.start(
                    new LocalStackOptions(LoupeProgram.HOME, DATA, Ports.FREE, true, true), StackListener.SILENT);
            connection = new Connection(stack.endpoints());
            context.getRoot().getStore(ExtensionContext.Namespace.GLOBAL).put(RunningStack.class, this);
        }
    }

    @Override
    public void close() {
        connection.close();
        stack.close();
    }

    static LocalStack stack() {
        return stack;
    }

    static Connection loupe() {
        return connection;
    }
}
