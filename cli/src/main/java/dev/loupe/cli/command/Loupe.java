package dev.loupe.cli.command;

import dev.loupe.cli.AdditionalCommand;
import java.util.ServiceLoader;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/**
 * The program: the commands that call a running Loupe, and those of other modules on the class path
 * ({@link AdditionalCommand}). Exit codes: 0 done, 1 something failed, 2 wrong use.
 */
@Command(
        name = "loupe",
        description = "Trains and serves image classifiers and visual anomaly detectors.",
        mixinStandardHelpOptions = true,
        version = "loupe 0.1.0",
        subcommands = {
            ProjectsCommand.class,
            ImportCommand.class,
            ImportsCommand.class,
            ImagesCommand.class,
            FindingsCommand.class,
            FreezeCommand.class,
            VersionsCommand.class,
            TrainCommand.class,
            SearchCommand.class,
            SearchesCommand.class,
            RecipesCommand.class,
            RunsCommand.class,
            CompareCommand.class,
            EvaluateCommand.class,
            EvaluationsCommand.class,
            ReportCommand.class,
            QueueCommand.class,
            LogsCommand.class,
            ModelsCommand.class,
            PromoteCommand.class,
            RollbackCommand.class,
            CanaryCommand.class,
            AliasesCommand.class,
            PromotionsCommand.class,
            PolicyCommand.class,
            WebhookCommand.class,
            ThresholdsCommand.class,
            BackbonesCommand.class,
            PredictCommand.class,
            PredictionsCommand.class,
            OutcomesCommand.class,
            CheckCommand.class,
            LoginCommand.class,
            LogoutCommand.class,
            WhoamiCommand.class,
            TokensCommand.class,
            TenantsCommand.class,
            MembersCommand.class,
            AuditCommand.class,
            LimitsCommand.class,
            HelpCommand.class
        })
public final class Loupe implements Runnable {
    @Spec
    private CommandSpec specification;

    private Loupe() {}

    public static void main(String[] arguments) {
        System.exit(run(arguments));
    }

    /** Without a command: prints the commands. */
    @Override
    public void run() {
        specification.commandLine().usage(System.out);
    }

    /** Runs one command and returns its exit code. */
    public static int run(String... arguments) {
        ErrorReport errors = new ErrorReport(arguments);
        CommandLine program = new CommandLine(new Loupe());
        ServiceLoader.load(AdditionalCommand.class).stream()
                .map(ServiceLoader.Provider::type)
                .forEach(program::addSubcommand);
        return program.setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler(errors)
                .setParameterExceptionHandler(errors)
                .execute(arguments);
    }
}
