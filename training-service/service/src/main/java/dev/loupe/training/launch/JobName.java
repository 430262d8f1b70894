package dev.loupe.training.launch;

import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Name of a job. It is derived from the run and the attempt, so a repeated launch of the same job has the same name.
 *
 * @param run id of the run
 * @param attempt number of the attempt, from 1
 */
public record JobName(UUID run, int attempt) {
    private static final Pattern FORM = Pattern.compile(
            "loupe-run-(\\p{XDigit}{8})(\\p{XDigit}{4})(\\p{XDigit}{4})(\\p{XDigit}{4})(\\p{XDigit}{12})-(\\d{1,9})");

    public JobName {
        if (attempt < 1) {
            throw new IllegalArgumentException("attempt: expected 1 or more, got " + attempt);
        }
    }

    public static JobName of(UUID run, int attempt) {
        return new JobName(run, attempt);
    }

    /** Parses the name of a job; empty if it is not one. */
    static Optional<JobName> parse(String name) {
        Matcher form = FORM.matcher(name);
        if (!form.matches() || form.group(6).equals("0")) {
            return Optional.empty();
        }
        String run = String.join("-", form.group(1), form.group(2), form.group(3), form.group(4), form.group(5));
        return Optional.of(new JobName(UUID.fromString(run), Integer.parseInt(form.group(6))));
    }

    /** Letters, digits and dashes, at most 52 characters. */
    public String value() {
        return "loupe-run-" + run.toString().replace("-", "") + "-" + attempt;
    }

    @Override
    public String toString() {
        return value();
    }
}
