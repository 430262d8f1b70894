package dev.loupe.training.search;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.loupe.service.access.CurrentCaller;
import dev.loupe.service.audit.Audit;
import dev.loupe.service.audit.Change;
import dev.loupe.service.database.Ids;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.QuotedInput;
import dev.loupe.service.error.ServiceException;
import dev.loupe.service.paging.PageRequest;
import dev.loupe.training.dataset.FrozenVersion;
import dev.loupe.training.launch.TrainerResources;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Jdbi;

/** Searches and their trials in the database. {@link SearchSteps} continues them. */
@ApplicationScoped
public class Searches {
    private static final String SELECT = """
            select s.*, d.project_name, d.project_id, d.task, d.number, d.dev_images
            from search s join dataset_version d on d.id = s.dataset_version_id
            """;

    private static final String SELECT_TRIAL = """
            select t.*, r.state as run_state from search_trial t left join run r on r.id = t.run_id
            """;

    /** Condition on the dataset version of a search: its project has this id, name or former name; true for null. */
    private static final String OF_PROJECT = """
            (:project::text is null or d.project_name = :project or d.project_id::text = :project
             or d.project_id = (select project_id from project_former_name where name = :project))
            """;

    private final Jdbi jdbi;
    private final ObjectMapper json;
    private final Audit audit;
    private final CurrentCaller caller;

    Searches(Jdbi jdbi, ObjectMapper json, Audit audit, CurrentCaller caller) {
        this.caller = caller;
        this.jdbi = jdbi;
        this.json = json;
        this.audit = audit;
    }

    /**
     * Adds a search. The lock on the dataset version excludes its deletion until the search refers to it.
     *
     * @throws ServiceException {@code DATASET_VERSION_NOT_FOUND} if the version was deleted meanwhile
     */
    @Transactional
    UUID add(FrozenVersion version, Search.Settings settings, Search.Request request, String actor) {
        UUID id = Ids.next();
        int added = jdbi.withHandle(handle -> handle.createUpdate("""
                        insert into search (id, dataset_version_id, recipe, space, method, objective, trials, parallel,
                            seed, reduction_factor, min_epochs, max_epochs, register, priority, resources)
                        select :id, d.id, :recipeJson::json, :spaceJson::json, :methodName, :objective, :trials, :parallel,
                            :seed, :reductionFactor, :minEpochs, :maxEpochs, :register, :priority, :resourcesJson::jsonb
                        from dataset_version d where d.id = :version and d.deleted_at is null for share""")
                .bind("id", id)
                .bind("version", version.id())
                .bind("recipeJson", write(settings.recipe()))
                .bind("spaceJson", write(settings.space()))
                .bind("methodName", settings.method().name())
                .bindMethods(settings)
                .bind("register", request.register())
                .bind("priority", request.priority())
                .bind(
                        "resourcesJson",
                        request.resources().equals(TrainerResources.DEFAULT) ? null : write(request.resources()))
                .execute());
        if (added == 0) {
            throw new ServiceException(
                    ErrorCode.DATASET_VERSION_NOT_FOUND,
                    "project '" + version.projectName() + "': dataset version " + version.number() + " was deleted");
        }
        audit.record(Change.of(version.projectId(), actor, "search.submit", id.toString())
                .detail(settings.recipe().name() + " on " + version.projectName() + " version " + version.number()
                        + ", " + settings.trials() + " trials"));
        return id;
    }

    /** Returns the search with this id; throws {@code SEARCH_NOT_FOUND} if it does not exist. */
    Search require(String id) {
        Optional<Search> search;
        try {
            search = find(UUID.fromString(id), "");
        } catch (IllegalArgumentException _) {
            search = Optional.empty();
        }
        return search.orElseThrow(() -> notFound(id));
    }

    /** The error for a search that does not exist. */
    public static ServiceException notFound(String id) {
        return new ServiceException(ErrorCode.SEARCH_NOT_FOUND, "there is no search " + QuotedInput.of(id));
    }

    /** Returns the search, and excludes other changes of it until the transaction ends; empty if it was deleted. */
    Optional<Search> lock(UUID id) {
        return find(id, " for update of s");
    }

    private Optional<Search> find(UUID id, String lock) {
        return jdbi.withHandle(handle -> handle.createQuery(SELECT + "where s.id = :id" + lock)
                .bind("id", id)
                .mapTo(Search.class)
                .findOne());
    }

    /** Lists the searches that the caller may see, the newest first. */
    List<Search> list(String project, SearchState state, PageRequest page) {
        return jdbi.withHandle(handle -> caller.bind(handle.createQuery(
                        SELECT + """
                        where (:after::uuid is null or s.id < :after)
                          and (:state::text is null or s.state = :state)
                          and %s and %s
                        order by s.id desc limit :limit""".formatted(OF_PROJECT, CurrentCaller.visible("d.project_id", "d.project_name"))))
                .bind("after", position(page))
                .bind("project", project)
                .bind("state", state == null ? null : state.name())
                .bind("limit", page.limit() + 1)
                .mapTo(Search.class)
                .list());
    }

    private static UUID position(PageRequest page) {
        try {
            return page.after().isEmpty() ? null : UUID.fromString(page.after());
        } catch (IllegalArgumentException e) {
            throw new ServiceException(ErrorCode.INVALID_CURSOR, "cursor: not one that an earlier page gave", e);
        }
    }

    /** The trials of a search, ordered by number. */
    List<Trial> trials(UUID search) {
        return trials(List.of(search)).getOrDefault(search, List.of());
    }

    /** The trials of searches, ordered by number. */
    Map<UUID, List<Trial>> trials(List<UUID> searches) {
        return jdbi
                .withHandle(handle -> handle.createQuery(
                                SELECT_TRIAL + "where t.search_id = any(:searches) order by t.search_id, t.number")
                        .bindArray("searches", UUID.class, searches)
                        .mapTo(Trial.class)
                        .list())
                .stream()
                .collect(Collectors.groupingBy(Trial::searchId));
    }

    /** The searches that have something to do: they, or trials of them, have not ended. */
    List<UUID> unfinished() {
        return jdbi.withHandle(
                handle -> handle.createQuery("""
                        select id from search s where state in ('SEARCHING', 'FINAL_RUN')
                        union select search_id from search_trial where state = 'RUNNING'
                        union select r.search_id from run r join search s on s.id = r.search_id
                            where s.state = 'CANCELLED' and r.state in ('QUEUED', 'STARTING', 'RUNNING')
                        order by 1""").mapTo(UUID.class).list());
    }

    /** The runs of a search that have not ended. */
    List<UUID> unfinishedRuns(UUID search) {
        return jdbi.withHandle(handle ->
                handle.createQuery("""
                        select id from run where search_id = :search and state in ('QUEUED', 'STARTING', 'RUNNING')""").bind("search", search).mapTo(UUID.class).list());
    }

    /**
     * Cancels a search. Does nothing if it is cancelled already.
     *
     * @throws ServiceException {@code SEARCH_FINISHED} if it has ended in another state
     */
    @Transactional
    void cancel(UUID id, String actor) {
        if (become(id, SearchState.CANCELLED, "cancelled by " + actor)) {
            audit.record(Change.of(require(id.toString()).data().projectId(), actor, "search.cancel", id.toString()));
            return;
        }
        SearchState state = require(id.toString()).status().state();
        if (state != SearchState.CANCELLED) {
            throw new ServiceException(
                    ErrorCode.SEARCH_FINISHED, "search " + id + " is " + state + ": there is nothing to cancel");
        }
    }

    /** Ends a search that has not ended. */
    boolean become(UUID id, SearchState state, String reason) {
        return jdbi.withHandle(handle -> handle.createUpdate("""
                                update search set state = :state, reason = :reason, finished_at = now()
                                where id = :id and state in ('SEARCHING', 'FINAL_RUN')""")
                        .bind("id", id)
                        .bind("state", state.name())
                        .bind("reason", reason)
                        .execute())
                == 1;
    }

    /** Names the final run of a search. */
    void beginFinalRun(UUID id, UUID run) {
        jdbi.useHandle(handle -> handle.createUpdate(
                        "update search set state = 'FINAL_RUN', run_id = :run where id = :id and state = 'SEARCHING'")
                .bind("id", id)
                .bind("run", run)
                .execute());
    }

    /**
     * Adds a trial.
     *
     * @param run its run, null if none could be started
     * @param failure why none could be started, else null
     */
    void addTrial(UUID search, Proposal proposal, UUID run, String failure) {
        jdbi.useHandle(handle -> handle.createUpdate("""
                        insert into search_trial (search_id, number, run_id, parameters, rung, epochs, promoted_from,
                            state, reason, finished_at)
                        values (:search, :number, :run, :parametersJson::json, :rung, :epochs, :promotedFrom,
                            :state, :reason, case when :state = 'FAILED' then now() end)""")
                .bind("search", search)
                .bindMethods(proposal)
                .bind("run", run)
                .bind("parametersJson", write(proposal.parameters()))
                .bind("state", (failure == null ? Trial.State.RUNNING : Trial.State.FAILED).name())
                .bind("reason", failure)
                .execute());
    }

    /** A trial's run has succeeded. */
    void succeed(Trial trial, double metric, Map<String, Double> devMetrics, Double seconds) {
        jdbi.useHandle(handle -> handle.createUpdate("""
                        update search_trial set state = 'SUCCEEDED', metric = :metric, dev_metrics = :devMetrics::jsonb,
                            seconds = :seconds, finished_at = now(),
                            trained_epochs = (select max(step) from metric_value
                                where run_id = :run and phase = 'train' and name = 'loss')
                        where search_id = :search and number = :number and state = 'RUNNING'""")
                .bind("search", trial.searchId())
                .bind("number", trial.number())
                .bind("run", trial.run())
                .bind("metric", metric)
                .bind("devMetrics", write(devMetrics))
                .bind("seconds", seconds)
                .execute());
    }

    /** A trial has ended otherwise. */
    void end(Trial trial, Trial.State state, String reason) {
        jdbi.useHandle(handle -> handle.createUpdate("""
                        update search_trial set state = :state, reason = :reason, finished_at = now()
                        where search_id = :search and number = :number and state = 'RUNNING'""")
                .bind("search", trial.searchId())
                .bind("number", trial.number())
                .bind("state", state.name())
                .bind("reason", reason)
                .execute());
    }

    /** Deletes a search whose trials' runs were deleted. */
    @Transactional
    void delete(Search search, String actor) {
        int deleted = jdbi.withHandle(handle -> handle.createUpdate("delete from search where id = :id")
                .bind("id", search.id())
                .execute());
        if (deleted > 0) { // else a concurrent request has deleted it
            audit.record(Change.of(
                            search.data().projectId(),
                            actor,
                            "search.delete",
                            search.id().toString())
                    .detail(search.data().project()));
        }
    }

    private String write(Object value) {
        try {
            return json.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e); // our own records always serialize
        }
    }
}
