package dev.loupe.cli.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.loupe.cli.CommandException;
import dev.loupe.cli.UsageException;
import dev.loupe.cli.server.Json;
import dev.loupe.client.ClientException;
import dev.loupe.client.ProblemException;
import java.io.PrintWriter;
import java.util.List;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * Prints errors to the standard error stream: as one sentence, or with {@code -o json} as one problem object
 * (RFC 9457), whose {@code code} is that of the service or one of {@code WRONG_USE}, {@code COMMAND_FAILED} and
 * {@code INTERNAL_ERROR}.
 */
final class ErrorReport implements IExecutionExceptionHandler, IParameterExceptionHandler {
    /** If this environment variable is set, internal errors are printed with a stack trace. */
    private static final String TRACE = "LOUPE_STACKTRACE";

    private static final Pattern JSON =
            Pattern.compile("(^| )(-o[ =]?|--output[ =])json( |$)", Pattern.CASE_INSENSITIVE);
    private static final int FAILED = 1;
    private static final int WRONG_USE = 2;
    private static final int SUGGESTIONS = 3;

    private final boolean json;

    /** @param arguments of the program: those that cannot be parsed may ask for JSON, too */
    ErrorReport(String... arguments) {
        json = JSON.matcher(String.join(" ", arguments)).find();
    }

    @Override
    public int handleExecutionException(Exception failure, CommandLine command, ParseResult parsed) {
        PrintWriter stream = command.getErr();
        switch (failure) {
            case ProblemException problem ->
                print(stream, problem.getMessage(), problem.document(), ProjectNames.similar(problem, command));
            case UsageException wrong -> {
                print(stream, wrong.getMessage(), problem("WRONG_USE", wrong.getMessage()), List.of());
                return WRONG_USE;
            }
            case CommandException told ->
                print(stream, told.getMessage(), problem("COMMAND_FAILED", told.getMessage()), List.of());
            case ClientException told ->
                print(stream, told.getMessage(), problem("COMMAND_FAILED", told.getMessage()), List.of());
            default -> {
                String message = "internal error: " + failure + "; set " + TRACE + "=1 to print the stack trace";
                print(stream, message, problem("INTERNAL_ERROR", message), List.of());
                if (System.getenv(TRACE) != null) {
                    failure.printStackTrace(stream);
                }
            }
        }
        return FAILED;
    }

    @Override
    public int handleParseException(ParameterException wrong, String[] arguments) {
        CommandLine command = wrong.getCommandLine();
        List<String> similar = wrong instanceof UnmatchedArgumentException unmatched
                ? unmatched.getSuggestions().stream().limit(SUGGESTIONS).toList()
                : List.of();
        print(command.getErr(), message(wrong), problem("WRONG_USE", message(wrong)), similar);
        if (!json) {
            command.getErr().println("See ./" + command.getCommandSpec().qualifiedName() + " --help");
        }
        return WRONG_USE;
    }

    private static String message(ParameterException wrong) {
        boolean command = wrong instanceof UnmatchedArgumentException unmatched
                && !unmatched.isUnknownOption()
                && wrong.getCommandLine()
                        .getCommandSpec()
                        .positionalParameters()
                        .isEmpty()
                && !wrong.getCommandLine().getSubcommands().isEmpty();
        return command
                ? "unknown command '"
                        + ((UnmatchedArgumentException) wrong).getUnmatched().getFirst() + "'"
                : wrong.getMessage();
    }

    private static ObjectNode problem(String code, String detail) {
        return Json.object().put("code", code).put("detail", detail);
    }

    private void print(PrintWriter stream, String message, ObjectNode problem, List<String> similar) {
        if (json) {
            if (!similar.isEmpty()) {
                problem.set("suggestions", Json.of(similar));
            }
            stream.println(problem.toPrettyString());
            return;
        }
        stream.println("loupe: " + message
                + (similar.isEmpty() ? "" : "\nDid you mean " + String.join(" or ", similar) + "?"));
    }
}
